//! What a central does by itself around its panel, every now and then: sign-ups that came from kiosks go to
//! the panel, answers of those who were invited go where they belong once their survey is over, and what
//! was promised to be forgotten is forgotten. Each can be done again, or after a crash, and comes to the same.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::app::Published;
use super::homes::applicant;
use crate::clock::Clock;
use crate::console::complain;
use crate::crypto::SealSecret;
use crate::error::{Context, Error, Result};
use crate::panel::coarsen::{Coarsening, SHARING_MIN};
use crate::panel::member::{Member as InPanel, MemberId};
use crate::response::record::Background;
use crate::response::signup::revalidate_signup;
use crate::response::steps::{Steps, tens, told_lately};
use crate::response::{Private, Response, SetApart};
use crate::results::steps::evenness;
use crate::site::pages::is_on;
use crate::store::central::fleet::Kiosk;
use crate::store::central::response::{Accepted, OpenForm};
use crate::store::members::Members;
use crate::store::members::invitation::{GroupCount, Invitation};
use crate::store::members::member::Moment;
use crate::store::record::{InvitationId, Kind, Sealed, Uid};
use crate::store::spool::{Spool, Waiting};
use crate::store::{Central, StoreError};
use crate::survey::{Answers, Definition, Phase};
use crate::sync::envelope;

/// Sign-ups opened at a time.
const ROWS: usize = 200;
/// Somebody who never confirmed is forgotten after so many days.
const UNCONFIRMED_DAYS: i64 = 14;
/// A silent member is asked whether to stay after so many months, and forgotten when so many days have
/// passed without an answer.
const SILENT_MONTHS: i64 = 24;
const ASKED_DAYS: i64 = 60;
/// A question that the mail server did not take is asked again after so many days.
const AGAIN_DAYS: i64 = 7;
/// Answers of a survey with letters are parted so many days after its end at the latest.
const KIOSK_DAYS: i64 = 7;
/// What was mailed is known for so many days.
const MAIL_DAYS: i64 = 90;

/// What the chores are done with.
pub struct Chores {
    pub central: Arc<Central>,
    pub members: Arc<Members>,
    pub spool: Arc<Spool>,
    /// Open what kiosks sealed; none where everything stays sealed.
    pub open: Vec<SealSecret>,
    pub clock: Arc<dyn Clock>,
}

impl Chores {
    /// Does what there is to do. What goes wrong with one thing keeps nothing else from being done.
    pub fn run(&self, published: &Published) {
        let done =
            [self.take_signups(published), self.close_over(published), self.forget(published)];
        for error in done.into_iter().filter_map(std::result::Result::err) {
            complain!("borgerpanel: {error}");
        }
    }

    /// Sign-ups from kiosks go to the panel. One that cannot be goes to quarantine.
    pub fn take_signups(&self, published: &Published) -> Result<()> {
        if self.open.is_empty() {
            return Ok(());
        }
        let central = |error: StoreError| error.at("take sign-ups from", self.central.path());
        let mut after = None;
        loop {
            let rows = self.central.waiting(Kind::Signup, after, ROWS).map_err(central)?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = Some(last.label.uid);
            let mut taken = Vec::new();
            for sealed in &rows {
                let taken_in = self.take_signup(published, sealed).unwrap_or_else(|error| {
                    // One that cannot be taken now keeps none of the others.
                    complain!("borgerpanel: {error}");
                    Taken::Later
                });
                match taken_in {
                    Taken::Yes => taken.push(sealed.label.uid),
                    Taken::Later => {}
                    Taken::Never(reason) => {
                        let day = self.today(published).to_string();
                        self.central.set_aside(sealed, reason, &day).map_err(central)?;
                    }
                }
            }
            self.central.empty_waiting(&taken).map_err(central)?;
        }
    }

    fn take_signup(&self, published: &Published, sealed: &Sealed) -> Result<Taken> {
        let label = &sealed.label;
        let Some(form) = published.version(&label.version) else { return Ok(Taken::Later) };
        let body = match envelope::open(sealed, &self.open) {
            Ok(body) => body,
            Err(error) => return Ok(Taken::Never(error.name())),
        };
        let Ok(signup) = revalidate_signup(body.as_bytes(), &form) else {
            return Ok(Taken::Never("unsound-answers"));
        };
        if signup.uid != label.uid.to_string() || form.slug != label.survey {
            return Ok(Taken::Never("inside-differs"));
        }
        let Some(applicant) = applicant(&signup, &form) else {
            return Ok(Taken::Never("unsound-answers"));
        };
        // The day on which the mail goes, not that of the form: it says when the link runs out.
        let day = self.today(published).to_string();
        let at = Moment { day: &day, now: self.clock.now().as_second() };
        self.members
            .sign_up(&applicant, at)
            .map_err(|error| error.at("take a sign-up into", self.members.path()))?;
        Ok(Taken::Yes)
    }

    /// Answers of those who were invited leave the spool, once nobody can answer any more.
    pub fn close_over(&self, published: &Published) -> Result<()> {
        let mut surveys =
            self.spool.surveys().map_err(|error| error.at("look into", self.spool.path()))?;
        surveys.extend(self.members.open_surveys().map_err(|error| self.members_at(error))?);
        surveys.sort();
        surveys.dedup();
        let now = self.clock.here(&published.site.renderer.config().zone()).datetime();
        for slug in surveys {
            let Some(definition) = published.site.survey(&slug) else {
                complain!(
                    "borgerpanel: {slug} is not in the content any more, and answers of invited members \
                     wait for its end: put it back with a `closes` that has passed"
                );
                continue;
            };
            let is_over = definition.settings.phase(now) == Phase::Closed;
            if is_over && !self.waits_for_kiosks(published, definition)? {
                self.close(published, definition)?;
            }
        }
        Ok(())
    }

    /// Whether answers with letters' codes may still be on their way: a kiosk has not said since the end that
    /// it has sent everything. Codes are forgotten as the answers are parted, so whoever comes after that
    /// comes too late; nobody is waited for longer than [`KIOSK_DAYS`].
    fn waits_for_kiosks(&self, published: &Published, definition: &Definition) -> Result<bool> {
        let Some(closes) = definition.settings.closes else { return Ok(false) };
        let zone = published.site.renderer.config().zone();
        let Ok(end) = zone.to_timestamp(closes.end()) else { return Ok(false) };
        let waited = self.clock.now().duration_since(end);
        if waited.is_negative() || waited > SignedDuration::from_hours(24 * KIOSK_DAYS) {
            return Ok(false);
        }
        let central = |error: StoreError| error.at("look for kiosks in", self.central.path());
        let kiosks = self.central.kiosks().map_err(central)?;
        let has_more = |kiosk: &Kiosk| {
            let seen = kiosk.last_seen.as_deref().and_then(|at| at.parse::<Timestamp>().ok());
            !kiosk.revoked && (kiosk.unsent > 0 || seen.is_none_or(|seen| seen < end))
        };
        if !is_on(&definition.settings, "kiosk") || !kiosks.iter().any(has_more) {
            return Ok(false);
        }
        let invited = self.members.invited(&definition.slug);
        let invited = invited.map_err(|error| self.members_at(error))?;
        Ok(invited.iter().any(|one| one.by_letter))
    }

    fn close(&self, published: &Published, definition: &Definition) -> Result<()> {
        let slug = &definition.slug;
        let spool = |error: StoreError| error.at("empty", self.spool.path());
        let leaving = self.spool.leaving(slug).map_err(spool)?;
        let day = last_day(definition).unwrap_or_else(|| self.today(published));
        let invited = self.backgrounds(published, slug, day)?;
        let backgrounds: HashMap<InvitationId, &Background> =
            invited.iter().map(|(one, own)| (one.id, own)).collect();
        let answered: HashMap<InvitationId, &Background> = leaving
            .iter()
            .filter_map(|(_, waiting)| {
                Some((waiting.invitation, *backgrounds.get(&waiting.invitation)?))
            })
            .collect();
        let unknown = Background::default();
        let own = |waiting: &Waiting| *answered.get(&waiting.invitation).unwrap_or(&&unknown);
        let groups = &published.site.renderer.config().age_groups;
        // Of those who answered, not of all who were invited: who got no reminder has answered, and an
        // answer must not be the only one of its kind among theirs either.
        let coarsening = Coarsening::of(leaving.iter().map(|(_, waiting)| own(waiting)), groups);
        let form = |(uid, waiting): &(Uid, Waiting)| {
            self.part(*uid, waiting, coarsening.coarse(own(waiting)), definition, day)
        };
        let forms = leaving.iter().map(form).collect::<Result<Vec<_>>>()?;
        // In pieces, so that nobody waits for all of it; each answer once, however often this is begun.
        for piece in forms.chunks(ROWS) {
            self.central
                .store_invited(piece)
                .map_err(|error| error.at("store answers in", self.central.path()))?;
        }
        let has_answered = |invitation: &Invitation| answered.contains_key(&invitation.id);
        let steps = self.steps(published, definition, day, &invited, has_answered)?;
        self.members.keep_steps(slug, &steps).map_err(|error| self.members_at(error))?;
        let counts = counts(&invited, has_answered, groups);
        self.members.close(slug, &counts).map_err(|error| self.members_at(error))?;
        self.spool.empty(slug).map_err(spool)
    }

    /// How the panel and the invited are made up, beside who answered: for the page of its results.
    fn steps(
        &self,
        published: &Published,
        definition: &Definition,
        day: Date,
        invited: &[(Invitation, Background)],
        has_answered: impl Fn(&Invitation) -> bool,
    ) -> Result<Steps> {
        let invited_tens = tens(invited.iter().map(|(_, own)| own));
        let settings = &definition.settings;
        if settings.target.is_some() {
            // It was for a part of the panel, which says nothing of the rest.
            return Ok(Steps { invited: invited_tens, ..Steps::default() });
        }
        let groups = &published.site.renderer.config().age_groups;
        let answered: HashSet<MemberId> = invited
            .iter()
            .filter(|(one, _)| has_answered(one))
            .map(|(one, _)| one.member)
            .collect();
        let all = self.members.all().map_err(|error| self.members_at(error))?;
        let is_ours = |member: &InPanel| match settings.panels.is_empty() {
            true => !member.memberships.is_empty(),
            false => settings.panels.iter().any(|panel| member.is_in(panel)),
        };
        let panel: Vec<(MemberId, Background)> = all
            .iter()
            .map(|member| (member.id, member.in_panel()))
            .filter(|(_, member)| is_ours(member))
            .map(|(id, member)| (id, member.background(day, groups)))
            .collect();
        let each = panel.iter().map(|(id, own)| (own, answered.contains(id)));
        let evenness = evenness(each);
        let mut panels = settings.panels.clone();
        panels.sort();
        let earlier = self.members.all_steps().map_err(|error| self.members_at(error))?;
        let (panel, counted) = match told_lately(&earlier, &panels, day) {
            Some(told) => (told.panel.clone(), told.counted),
            None => (tens(panel.iter().map(|(_, own)| own)), Some(day)),
        };
        Ok(Steps { panel, panels, counted, invited: invited_tens, evenness })
    }

    /// Those who were invited and are still members, with their background on `day`.
    fn backgrounds(
        &self,
        published: &Published,
        survey: &str,
        day: Date,
    ) -> Result<Vec<(Invitation, Background)>> {
        let invited = self.members.invited(survey).map_err(|error| self.members_at(error))?;
        let members = self.members.all().map_err(|error| self.members_at(error))?;
        let groups = &published.site.renderer.config().age_groups;
        let by_id: HashMap<MemberId, Background> = members
            .iter()
            .map(|member| (member.id, member.in_panel().background(day, groups)))
            .collect();
        let with = |one: Invitation| {
            let background = by_id.get(&one.member)?.clone();
            Some((one, background))
        };
        Ok(invited.into_iter().filter_map(with).collect())
    }

    /// What is stored of an answer: nothing that only one member can have. Day, language, channel and wording
    /// are the survey's, as who was reminded, who reads English, who got a letter, and who was invited
    /// before a word was changed is known of members.
    fn part(
        &self,
        uid: Uid,
        waiting: &Waiting,
        background: Background,
        definition: &Definition,
        day: Date,
    ) -> Result<OpenForm> {
        let unreadable = |wrong: serde_json::Error| {
            Error::new("read an answer in").path(self.spool.path()).source(wrong)
        };
        let mut response: Response = serde_json::from_str(&waiting.response).map_err(unreadable)?;
        response.uid = uid.to_string();
        response.kiosk = None;
        response.channel = "web".to_owned();
        response.lang = definition.base().lang.clone();
        response.day = day.to_string();
        response.background = background;
        response.duration_s = None;
        if waiting.structure == definition.structure {
            response.version.clone_from(&definition.version);
        }
        let apart: Vec<Answers> = serde_json::from_str(&waiting.apart).map_err(unreadable)?;
        let private = apart.into_iter().map(|answers| -> Private {
            let apart = SetApart { answers };
            apart.under(Uid::random().to_string(), &response.survey, &response.version)
        });
        let private = private.collect();
        let structure = waiting.structure.clone();
        Ok(OpenForm { accepted: Accepted { structure, response, flags: Vec::new() }, private })
    }

    /// Whoever did not confirm, or did not answer whether to stay, is erased; who was silent is asked.
    pub fn forget(&self, published: &Published) -> Result<()> {
        let today = self.today(published);
        let back = |span: jiff::Span| -> Result<String> {
            Ok(today.checked_sub(span).during("count days")?.to_string())
        };
        let at = |error| self.members_at(error);
        self.members
            .erase_overdue(
                &back(UNCONFIRMED_DAYS.days())?,
                &back(ASKED_DAYS.days())?,
                &today.to_string(),
            )
            .map_err(at)?;
        let day = today.to_string();
        let moment = Moment { day: &day, now: self.clock.now().as_second() };
        let (silent, again) = (back(SILENT_MONTHS.months())?, back(AGAIN_DAYS.days())?);
        self.members.ask_inactive(&silent, &again, moment).map_err(at)?;
        self.members.tidy(moment.now, &back(MAIL_DAYS.days())?).map_err(at)
    }

    fn today(&self, published: &Published) -> Date {
        self.clock.today(&published.site.renderer.config().zone())
    }

    fn members_at(&self, error: StoreError) -> Error {
        error.at("read or write", self.members.path())
    }
}

/// What became of a sign-up.
enum Taken {
    Yes,
    /// Its form is not known here yet.
    Later,
    /// The reason is a stable word.
    Never(&'static str),
}

/// The last day on which the survey could be answered.
fn last_day(definition: &Definition) -> Option<Date> {
    let closes = definition.settings.closes?;
    closes.end().checked_sub(1.second()).ok().map(jiff::civil::DateTime::date)
}

/// How many of each group were invited, and answered: groups that at least five share.
fn counts(
    invited: &[(Invitation, Background)],
    has_answered: impl Fn(&Invitation) -> bool,
    age_groups: &[String],
) -> Vec<GroupCount> {
    let coarsening = Coarsening::of(invited.iter().map(|(_, own)| own), age_groups);
    let mut counts: BTreeMap<Background, (u64, u64)> = BTreeMap::new();
    for (invitation, own) in invited {
        let (all, answered) = counts.entry(coarsening.coarse(own)).or_default();
        *all += 1;
        *answered += u64::from(has_answered(invitation));
    }
    let count = |(background, (invited, answered))| GroupCount { background, invited, answered };
    counts.into_iter().filter(|(_, (all, _))| *all >= SHARING_MIN as u64).map(count).collect()
}
