//! `borgerpanel invite SURVEY`: asks members to answer a survey, by mail or letter; says first whom it
//! reaches. Nobody is invited twice to one survey, nor more often than their panels promise.

mod findings;
mod outlook;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{File, TryLockError};
use std::path::Path;

use jiff::civil::Date;
use outlook::Outlook;
use serde_json::{Value, json};

use super::central::settings::CentralSettings;
use super::serving::{self, Sources};
use crate::cli::{InviteArgs, Verdict};
use crate::clock::{Clock, SystemClock};
use crate::console::say;
use crate::crypto::{self, Digest};
use crate::durable::{Access, replace_file};
use crate::error::{Context, Error, Result};
use crate::panel::cap::{Cap, Caps, Invited, YEAR_DAYS};
use crate::panel::code::Code;
use crate::panel::member::{Member, MemberId};
use crate::panel::preview::Preview;
use crate::panel::select::{Occasion, Selection, Standing, select};
use crate::panel::target::Target;
use crate::server::app::Published;
use crate::server::staff::bureau::Outlook as Ahead;
use crate::site::config::SiteConfig;
use crate::site::content;
use crate::site::pages::is_on;
use crate::site::qr::Qr;
use crate::store::StoreError;
use crate::store::members::Members;
use crate::store::members::invitation::{Invitation, Invitee};
use crate::store::members::member::Moment;
use crate::store::spool::Spool;
use crate::survey::settings::Sample;
use crate::survey::{Definition, Phase};

/// Runs the command. The verdict is no where there is nobody to invite, or to remind.
pub fn run(args: &InviteArgs) -> Result<Verdict> {
    let data = &args.at.data;
    let content = &args.content;
    let sources = Sources { content, theme: args.theme.as_deref(), data, kiosk: None };
    let published = serving::publish(&sources)?;
    // Both also when the survey is over.
    if args.findings || args.unsure {
        let _alone = alone(data)?;
        return if args.findings { findings::run(args, &published) } else { send_unsure(args) };
    }
    let definition = survey(&published, &args.survey)?;
    let _alone = alone(data)?;
    let office = Office {
        members: Members::open(data)?,
        spool: Spool::open(data)?,
        config: published.site.renderer.config(),
        definition,
        today: SystemClock.today(&published.site.renderer.config().zone()),
        now: SystemClock.now().as_second(),
    };
    if args.remind { office.remind(args) } else { office.invite(args) }
}

/// What inviting all who may be invited would come to today, for the staff pages. Nobody is invited; a survey
/// that is still to come may be looked at, too.
pub fn look_ahead(data: &Path, content: &Path, slug: &str, clock: &dyn Clock) -> Result<Ahead> {
    let content = content::load(content)?;
    let definition = content.surveys.iter().find(|one| one.slug == slug).ok_or_else(|| {
        Error::new(format!("look ahead to {slug:?}")).source("there is no such survey")
    })?;
    let settings = &definition.settings;
    if settings.sample != Sample::Panel {
        return Ok(Ahead::None("open-to-all"));
    }
    if settings.panels.is_empty() {
        return Ok(Ahead::None("no-panel"));
    }
    let office = Office {
        members: Members::open(data)?,
        spool: Spool::open(data)?,
        config: &content.config,
        definition,
        today: clock.today(&content.config.zone()),
        now: clock.now().as_second(),
    };
    let members = office.members()?;
    let target = office.target()?;
    let selection = office.select(&members, &target)?;
    let outlook = Outlook::of(&office, &content.folder)?;
    let preview = outlook.preview(&members, &selection, &target, &selection.free);
    Ok(Ahead::Seen(Box::new(preview)))
}

fn send_unsure(args: &InviteArgs) -> Result<Verdict> {
    let members = Members::open(&args.at.data)?;
    let count = members
        .send_unsure(&args.survey, SystemClock.now().as_second())
        .map_err(|error| error.at("read or write", members.path()))?;
    say!("{count} mails that may have arrived go once more")?;
    Ok(if count == 0 { Verdict::No } else { Verdict::Fine })
}

/// Two at once would draw the same members, and write codes for letters that open nothing.
fn alone(data: &Path) -> Result<File> {
    let path = data.join("invite.lock");
    let file = File::create(&path).during_at("open", &path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::new("invite")
            .path(&path)
            .source("somebody else is inviting just now")
            .hint("wait for its end")),
        Err(TryLockError::Error(error)) => Err(error).during_at("lock", &path),
    }
}

/// The survey, which has to be one that members can be invited to now.
fn survey<'a>(published: &'a Published, slug: &str) -> Result<&'a Definition> {
    let wrong =
        |why: &str, cure: &str| Error::new(format!("invite to {slug:?}")).source(why).hint(cure);
    let definition = published.site.survey(slug).ok_or_else(|| {
        wrong("there is no such survey", "name it as its file in content/surveys is called")
    })?;
    let settings = &definition.settings;
    if settings.sample != Sample::Panel {
        return Err(wrong("it is open to everybody", "write `sample: panel` in its front matter"));
    }
    if settings.panels.is_empty() {
        return Err(wrong("it names no panel", "write `panels: [kbh]` in its front matter"));
    }
    let now = SystemClock.here(&published.site.renderer.config().zone()).datetime();
    match settings.phase(now) {
        Phase::Closed => Err(wrong("it is closed", "move `closes` in its front matter")),
        Phase::Coming => Err(wrong("it is not open yet", "invite when it is, or move `opens`")),
        Phase::Open if settings.closes.is_none() => Err(wrong(
            "it does not say when it ends, and until then answers cannot be parted from invitations",
            "write `closes: 2026-12-31` in its front matter",
        )),
        Phase::Open => Ok(definition),
    }
}

/// What invitations are made with.
struct Office<'a> {
    members: Members,
    spool: Spool,
    config: &'a SiteConfig,
    definition: &'a Definition,
    today: Date,
    now: i64,
}

/// Those who are invited: members and the panel each is invited by.
type Chosen<'m> = Vec<(&'m Member, String)>;

impl Office<'_> {
    fn store<T>(&self, done: std::result::Result<T, StoreError>) -> Result<T> {
        done.map_err(|error| error.at("read or write", self.members.path()))
    }

    fn invite(&self, args: &InviteArgs) -> Result<Verdict> {
        let members = self.members()?;
        let target = self.target()?;
        let selection = self.select(&members, &target)?;
        let outlook = Outlook::of(self, &args.content)?;
        let drawn = outlook.draw(&members, &selection, args)?;
        let chosen = self.chosen(&members, &drawn, &target);
        let count = chosen.len();
        if !args.dry_run && count > 0 {
            self.send(&chosen, args)?;
        }
        let preview = outlook.preview(&members, &selection, &target, &drawn);
        self.tell(&preview, count, args)?;
        Ok(if count == 0 { Verdict::No } else { Verdict::Fine })
    }

    /// Whom the survey is for, and who of them may be invited today.
    fn select(&self, members: &[Member], target: &Target) -> Result<Selection> {
        let history = self.history()?;
        let none = Vec::new();
        let standings: Vec<Standing> = members
            .iter()
            .map(|member| Standing { member, history: history.get(&member.id).unwrap_or(&none) })
            .collect();
        let (survey, caps) = (&self.definition.slug, self.caps());
        Ok(select(&standings, Occasion { survey, target, caps: &caps, day: self.today }))
    }

    /// The active members: those whose mail arrives.
    fn members(&self) -> Result<Vec<Member>> {
        let all = self.store(self.members.all())?;
        let reached = all.iter().filter(|member| member.bounced.is_none());
        Ok(reached.map(crate::store::members::member::Member::in_panel).collect())
    }

    fn history(&self) -> Result<HashMap<MemberId, Vec<Invited>>> {
        let longest = self.caps().0.values().map(|cap| cap.min_days_between).max();
        let days = i64::from(longest.unwrap_or_default()).max(i64::from(YEAR_DAYS)) + 1;
        let since = self.today.saturating_sub(jiff::Span::new().days(days)).to_string();
        let invitations = self.store(self.members.history(&since, &self.definition.slug))?;
        let mut history: HashMap<MemberId, Vec<Invited>> = HashMap::new();
        for (member, invited) in invitations {
            history.entry(member).or_default().push(invited);
        }
        Ok(history)
    }

    fn target(&self) -> Result<Target> {
        let settings = &self.definition.settings;
        Target::read(&settings.panels, settings.target.as_deref()).map_err(|wrong| {
            Error::new(format!("read the target of {:?}", self.definition.slug)).source(wrong)
        })
    }

    fn caps(&self) -> Caps {
        let panels = &self.config.panels;
        let cap = |panel: &crate::site::config::Panel| Cap {
            max_per_year: panel.max_invitations_per_year,
            min_days_between: panel.min_days_between,
        };
        Caps(panels.iter().map(|(slug, panel)| (slug.clone(), cap(panel))).collect())
    }

    /// Those that were drawn, each with a panel by which they are invited.
    fn chosen<'m>(&self, members: &'m [Member], drawn: &[usize], target: &Target) -> Chosen<'m> {
        let by = |at: &usize| {
            let member = &members[*at];
            let panel = target.panels_of(member).first().map(|panel| (*panel).to_owned());
            Some((member, panel?))
        };
        drawn.iter().filter_map(by).collect()
    }

    fn send(&self, chosen: &Chosen, args: &InviteArgs) -> Result<()> {
        let day = self.today.to_string();
        let at = Moment { day: &day, now: self.now };
        let codes: BTreeMap<MemberId, Code> = match args.letters {
            Some(_) => chosen.iter().map(|(one, _)| (one.id, Code::of(crypto::random()))).collect(),
            None => BTreeMap::new(),
        };
        let invitees: Vec<Invitee> = chosen
            .iter()
            .map(|(member, panel)| Invitee {
                member: member.id,
                panel: panel.clone(),
                code: codes.get(&member.id).map(|code| Digest::of(code.plain().as_bytes())),
            })
            .collect();
        // The file first: a code that nobody can read is an invitation that nobody got.
        if let Some(path) = &args.letters {
            let text = self.letters(chosen, &codes);
            if path.exists() {
                return Err(Error::new("write the letters to")
                    .path(path)
                    .source("there is a file already, and its codes are nowhere else")
                    .hint("choose another name"));
            }
            replace_file(path, text.as_bytes(), Access::Private)?;
        }
        self.store(self.members.invite(&self.definition.slug, &invitees, at))?;
        Ok(())
    }

    /// A file for mail merge, with a line for each.
    fn letters(&self, chosen: &Chosen, codes: &BTreeMap<MemberId, Code>) -> String {
        let config = self.config;
        let host = config.hosts.first().map_or("panel.example.dk", String::as_str);
        // Excel takes a file for UTF-8 only with this mark before it.
        let mut text = "\u{feff}email;language;panel;survey;code;address;qr_svg\r\n".to_owned();
        for (member, panel) in chosen {
            let Some(code) = codes.get(&member.id) else { continue };
            let survey = self.definition.in_language(&member.lang);
            let address = format!("https://{host}/i/{}", code.plain());
            let name = config.panels.get(panel).map_or(panel.as_str(), |panel| panel.name.as_str());
            let qr = Qr::of(&address).map(|qr| qr.svg()).unwrap_or_default();
            let email = member.email.to_string();
            let code = code.to_string();
            let cells = [&email, &member.lang, name, &survey.title.plain, &code, &address, &qr];
            let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
            text.push_str(&cells.join(";"));
            text.push_str("\r\n");
        }
        text
    }

    fn remind(&self, args: &InviteArgs) -> Result<Verdict> {
        let slug = &self.definition.slug;
        let answered: HashSet<_> = self
            .spool
            .answered(slug)
            .map_err(|error| error.at("look into", self.spool.path()))?
            .into_iter()
            .collect();
        let reached: HashMap<MemberId, Member> =
            self.members()?.into_iter().map(|member| (member.id, member)).collect();
        // Who left the panel that invited them has said that they want no more of it.
        let is_reached = |one: &Invitation| {
            reached.get(&one.member).is_some_and(|member| member.is_in(&one.panel))
        };
        let today = self.today.to_string();
        let invited = self.store(self.members.invited(slug))?;
        let silent: Vec<_> = invited
            .iter()
            .filter(|one| !one.by_letter && is_reached(one))
            // Pressed twice, it reminds once.
            .filter(|one| one.reminded.as_ref() != Some(&today))
            .filter(|one| !answered.contains(&one.id))
            .map(|one| one.id)
            .collect();
        let count = silent.len();
        if !args.dry_run {
            let at = Moment { day: &today, now: self.now };
            self.store(self.members.remind(&silent, at))?;
        }
        if args.json {
            say!("{}", json!({ "survey": slug, "invited": invited.len(), "reminded": count }))?;
        } else {
            let word = if args.dry_run { "would be reminded" } else { "will be reminded" };
            say!("{slug}: {} were invited, {count} {word}", invited.len())?;
        }
        Ok(if count == 0 { Verdict::No } else { Verdict::Fine })
    }

    /// Where the key that opens is elsewhere, so is whoever could read a code that was typed in at a kiosk.
    fn warn_where_kiosks_cannot_take(&self, data: &Path) -> Result<()> {
        let is_sealed = CentralSettings::load(data)?.keep_sealed;
        if is_sealed && is_on(&self.definition.settings, "kiosk") {
            say!(
                "with `keep_sealed`, what kiosks take with a code stays sealed and is not counted: write \
                 `channels: [web]` in its front matter, and let people type their codes in at home"
            )?;
        }
        Ok(())
    }

    fn tell(&self, preview: &Preview, count: usize, args: &InviteArgs) -> Result<()> {
        let slug = &self.definition.slug;
        let post = self.store(self.members.post(Some(slug)))?;
        if args.json {
            let held: BTreeMap<String, usize> =
                preview.held.iter().map(|(why, count)| (why.to_string(), *count)).collect();
            let told = json!({
                "survey": slug,
                "meant": preview.members,
                "free": preview.free,
                "held": held,
                "under": preview.under,
                "invited": count,
                "answers": preview.answers.round(),
                "dry_run": args.dry_run,
                "mail": post_in_json(&post),
            });
            return Ok(say!("{told}")?);
        }
        say!("{slug}\n{preview}")?;
        let word = if args.dry_run { "would be invited" } else { "are invited" };
        say!("{count} {word}")?;
        match (&args.letters, args.dry_run || count == 0) {
            (_, true) => {}
            (Some(path), _) => {
                say!("their codes are in {}: print the letters, then delete it", path.display())?;
                self.warn_where_kiosks_cannot_take(&args.at.data)?;
            }
            (None, _) => say!("`central run` sends {} mails, one after the other", post.queued)?,
        }
        if post.unsure > 0 {
            say!(
                "{} mails were on their way when something stopped, and may have arrived or not: \
                 `borgerpanel invite {slug} --unsure` sends them once more",
                post.unsure
            )?;
        }
        Ok(())
    }
}

fn post_in_json(post: &crate::store::members::outgoing::Post) -> Value {
    json!({
        "queued": post.queued,
        "unsure": post.unsure,
        "sent": post.sent,
        "refused": post.refused,
    })
}

/// A cell that no spreadsheet takes for anything but text.
fn quoted(cell: &str) -> String {
    format!("\"{}\"", cell.replace('"', "\"\""))
}
