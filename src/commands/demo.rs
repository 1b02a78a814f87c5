//! `borgerpanel demo`: the whole chain on this machine. A central, and one kiosk that is enrolled at
//! it and sends every few seconds; made-up answers go the way a visitor's would.

use std::io::IsTerminal;
use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::central::run::{self as central, Running};
use super::central::staff;
use super::kiosk::run::{self as kiosk, Kiosk};
use super::serving;
use crate::cli::{DemoArgs, Verdict};
use crate::clock::{Clock, SystemClock};
use crate::console::say;
use crate::crypto::{self, PinHash};
use crate::error::{Context, Error, Result};
use crate::response::{self, sample};
use crate::store::central::log::Entry;
use crate::store::central::staff::{Password, Role, Staff};
use crate::store::{Central, Mixing, Options};
use crate::survey::{Definition, Phase};
use crate::sync::enrol::{self, CODE_SECONDS, Code, Enrolment, Request};
use crate::sync::keys;
use crate::sync::push::Http;

/// The kiosk's name.
const NAME: &str = "demo";
const SYNC_EVERY: Duration = Duration::from_secs(3);
const CENTRAL_PORT: u16 = 8090;
/// Seconds between two made-up visitors: as many come to a kiosk that people walk past. They answer within
/// moments, and would all be taken for a burst.
const BETWEEN_VISITORS: std::ops::Range<u32> = 120..540;
/// How long made-up answers may take to arrive at the central.
const ARRIVAL: Duration = Duration::from_secs(120);

/// Runs the command until it is stopped.
pub fn run(args: &DemoArgs) -> Result<Verdict> {
    let (central_data, kiosk_data) = (args.data.join("central"), args.data.join("kiosk"));
    make_central(&central_data)?;
    let central = start_central(args, &central_data)?;
    let address = format!("http://{}", central.server.address());
    enrol(&central.central, &address, &kiosk_data)?;
    let kiosk = start_kiosk(args, &kiosk_data)?;
    let password = open_door(&central.central)?;
    say_where(&central, &kiosk, &args.data)?;
    say!("  staff     {}", central.staff_address())?;
    say!("            user {NAME}, password {password}\n")?;
    if args.answers > 0 {
        answer(args.answers, &kiosk)?;
        wait_until_sent(&kiosk, &central.central)?;
    }
    say!("Ctrl-C ends the demo; the next start goes on with the same data.")?;
    serving::wait_for_stop()?;
    say!("stopping …")?;
    kiosk.stop();
    central.stop();
    Ok(Verdict::Fine)
}

/// Makes the central at the first start, and marks its database as an example.
fn make_central(data: &Path) -> Result<()> {
    let is_new = !data.join(crate::store::central::FILE).exists();
    let central = Central::create(data, Options::default())?;
    keys::make(data)?;
    if is_new {
        note(&central, "example-data", "made by `borgerpanel demo`")?;
    }
    Ok(())
}

fn note(central: &Central, action: &'static str, detail: &str) -> Result<()> {
    central.log(&entry(action, detail)).map_err(|error| error.at("write to", central.path()))
}

fn entry(action: &'static str, detail: &str) -> Entry {
    Entry {
        at: SystemClock.now().to_string(),
        actor: NAME.to_owned(),
        action,
        detail: detail.to_owned(),
    }
}

fn start_central(args: &DemoArgs, data: &Path) -> Result<Running> {
    let listen = serving::free_port("the central", CENTRAL_PORT)?;
    central::start(&central::Start { data, content: &args.content, theme: None, listen: &listen })
}

fn start_kiosk(args: &DemoArgs, data: &Path) -> Result<Kiosk> {
    let listen = serving::free_port("the kiosk", args.port)?;
    kiosk::start(kiosk::Start {
        data,
        content: Some(&args.content),
        theme: None,
        listen: Some(&listen),
        sync_every: Some(SYNC_EVERY),
        restart: None,
    })
}

/// Enrols the kiosk the first time; later only tells it where the central is today.
fn enrol(central: &Central, address: &str, data: &Path) -> Result<()> {
    std::fs::create_dir_all(data).during_at("make the folder", data)?;
    if let Some(mut enrolment) = Enrolment::load(data)? {
        enrolment.central = address.to_owned();
        return enrolment.save(data);
    }
    let code = Code::random();
    let expires = SystemClock.now().as_second() + CODE_SECONDS;
    central
        .add_code(code.hash(), NAME, expires, &entry("code", NAME))
        .map_err(|error| error.at("keep a code in", central.path()))?;
    let request = Request::new(&code, &enrol::own_key(data)?);
    let reply = Http::new(address).enrol(&request).during("enrol the demo's kiosk")?;
    let admission = reply.verify(&code, &request).during("enrol the demo's kiosk")?;
    let enrolled = SystemClock.now().to_string();
    Enrolment { central: address.to_owned(), admission, enrolled }.save(data)
}

/// An administrator of the staff pages, with a new password at each start: nobody keeps that of a demo.
fn open_door(central: &Central) -> Result<String> {
    let password = staff::one_time();
    let hash = Password::Own(PinHash::of(&password));
    let demo = Staff { name: NAME.to_owned(), role: Role::Administrator };
    let day = SystemClock.now().to_string()[..10].to_owned();
    let opened =
        central.add_staff(&demo, &hash, &day, &entry("staff-added", NAME)).and_then(|is_new| {
            Ok(is_new || central.set_password(NAME, &hash, &entry("password-given", NAME))?)
        });
    opened.map_err(|error| error.at("write to", central.path()))?;
    Ok(password)
}

fn say_where(central: &Running, kiosk: &Kiosk, data: &Path) -> Result<()> {
    say!("")?;
    say!("  kiosk     http://{}/", kiosk.server.address())?;
    say!("  website   http://{}/", central.server.address())?;
    say!("  answers   {}", data.join("central").join(crate::store::central::FILE).display())
}

/// Fills in made-up answers through the kiosk's HTTP server, survey after survey in turn.
fn answer(count: u32, kiosk: &Kiosk) -> Result<()> {
    let published = kiosk.app.published();
    let zone = published.site.renderer.config().zone();
    let now = SystemClock.here(&zone).datetime();
    let open: Vec<&Definition> = crate::site::pages::listed(&published.site.surveys, "kiosk")
        .filter(|survey| survey.settings.phase(now) == Phase::Open)
        .collect();
    if open.is_empty() {
        return Err(Error::new("fill in answers").hint("no survey is open today"));
    }
    let context = response::Context {
        today: SystemClock.today(&zone).to_string(),
        channel: "kiosk".to_owned(),
    };
    let visitor = Visitor::new(kiosk.server.address().to_string());
    let mut rng = fastrand::Rng::new();
    let progress = progress(u64::from(count));
    for number in 0..count {
        let survey = open[number as usize % open.len()];
        kiosk.app.let_time_pass(rng.u32(BETWEEN_VISITORS));
        visitor.answer(survey, &context, &mut rng)?;
        progress.inc(1);
    }
    progress.finish_and_clear();
    say!("{count} made-up answers given at the kiosk (example data)")?;
    Ok(())
}

fn progress(length: u64) -> ProgressBar {
    let bar = ProgressBar::new(length);
    if !std::io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    let style = ProgressStyle::with_template("answers {bar:40} {pos}/{len} {per_sec}");
    bar.with_style(style.expect("the template is fixed and well formed"))
}

/// Somebody at the kiosk.
struct Visitor {
    agent: ureq::Agent,
    address: String,
}

impl Visitor {
    fn new(address: String) -> Visitor {
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
        Visitor { agent: config.build().into(), address }
    }

    fn answer(
        &self,
        survey: &Definition,
        context: &response::Context,
        rng: &mut fastrand::Rng,
    ) -> Result<()> {
        let lang = &rng.choice(&survey.languages).unwrap_or(survey.base()).lang;
        let mut fields = sample::fill_in(survey.in_language(lang), context, rng).0;
        for (name, value) in [
            ("_v", survey.version.clone()),
            ("_id", crypto::hex(&crypto::random::<16>())),
            ("_lang", lang.clone()),
            ("_d", rng.u32(60..600).to_string()),
        ] {
            fields.push((name.to_owned(), value));
        }
        let url = format!("http://{}/s/{}/", self.address, survey.slug);
        let sent = self.agent.post(&url).send_form(fields);
        let status = sent.during(format!("answer at {url}"))?.status().as_u16();
        if status != 303 {
            return Err(Error::new(format!("answer at {url}"))
                .source(format!("the kiosk answered {status}")));
        }
        Ok(())
    }
}

/// Waits until the central has everything, and says how many answers it holds.
fn wait_until_sent(kiosk: &Kiosk, central: &Central) -> Result<()> {
    // Made-up private answers need no crowd to hide among.
    let mixed_in = kiosk.outbox.mix_in(Mixing::All);
    mixed_in.map_err(|error| error.at("write to", kiosk.outbox.path()))?;
    let mut waited = Duration::ZERO;
    let pause = Duration::from_millis(200);
    loop {
        let status = kiosk.outbox.status(Some(central.id()));
        let status = status.map_err(|error| error.at("read", kiosk.outbox.path()))?;
        if status.unsynced == 0 {
            say!("{} answers and private records are at the central", status.acknowledged)?;
            return Ok(());
        }
        if waited > ARRIVAL {
            return Err(Error::new("send the answers")
                .source(format!("{} are still at the kiosk", status.unsynced))
                .hint("they are safe there and are sent when the demo is started again"));
        }
        std::thread::sleep(pause);
        waited += pause;
    }
}
