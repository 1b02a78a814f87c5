//! One connection to a mail server (RFC 5321), and mails handed over in two steps.
//!
//! 1. [`Session::open`] connects, makes sure of who is there, and logs in;
//! 2. [`Session::prepare`] says who a mail is from and to, and gets the server's "go ahead";
//! 3. [`Prepared::hand_over`] sends the mail itself and waits for the receipt.
//!
//! Before 3 a mail was certainly not sent, whatever dies; within 3, between the last byte and the
//! receipt, nobody can know ([`Failure::Unsure`]). That is why these are two calls: a queue writes down
//! in between that it is about to happen.
//!
//! A connection that should be encrypted never falls back to plain text, and a password is sent
//! encrypted only, or to this machine itself.

use std::fmt;
use std::net::{IpAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use super::address::Sender;
use super::message::{Envelope, Message, Unfit};
use super::wire::{self, Reply, Wire};

/// How long to wait for a connection.
const CONNECT_PATIENCE: Duration = Duration::from_secs(30);

/// Where mail is handed in, and by whom.
#[derive(Debug, Clone)]
pub struct Server {
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub login: Option<Login>,
    pub from: Sender,
    /// How long to wait for one reply (RFC 5321, 4.5.3.2 asks for 5 minutes), and twice as long for
    /// the receipt.
    pub patience: Duration,
}

/// How a connection is kept private. `roots` are certificates (PEM) beside those every browser trusts.
#[derive(Debug, Clone)]
pub enum Security {
    /// Encrypted from the first byte (port 465).
    Tls { roots: Option<Vec<u8>> },
    /// Encrypted before anything is said (port 587).
    StartTls { roots: Option<Vec<u8>> },
    /// For a server on this machine alone.
    None,
}

/// Who hands mail in.
#[derive(Clone)]
pub struct Login {
    pub user: String,
    pub password: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Login({}, …)", self.user)
    }
}

/// Why a mail was not sent. `said` is for staff: the server's words, or what happened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// This address, or this mail, is refused for good.
    #[error("{said}")]
    Refused { said: String },
    /// Not now; this mail may be tried again.
    #[error("{said}")]
    Later { said: String },
    /// The server does not pass mail on to this address: a matter of rights, not of the address.
    #[error("{said}")]
    Blocked { said: String },
    /// The server is not there, or went away. Nothing was sent.
    #[error("{said}")]
    Away { said: String },
    /// No mail can be sent before somebody mends the settings, here or at the server.
    #[error("{said}\n  help: {hint}")]
    Settings { said: String, hint: String },
    /// The whole mail was handed over and the receipt never came: it may have been sent.
    #[error("{said}")]
    Unsure { said: String },
}

/// A connection that mails can be handed over on, one after another.
#[derive(Debug)]
pub struct Session {
    wire: Wire,
    from: Sender,
    patience: Duration,
    knows_utf8: bool,
    is_usable: bool,
}

impl Session {
    /// Connects, encrypts, and logs in.
    pub fn open(server: &Server) -> Result<Session, Failure> {
        let tcp = connect(server)?;
        let mut wire = Wire::plain(tcp, server.patience).map_err(|e| away(server, &e))?;
        if let Security::Tls { roots } = &server.security {
            wire = encrypt(wire, server, roots.as_deref())?;
        }
        expect_greeting(&mut wire, server)?;
        let mut offers = Offers::ask(&mut wire, server)?;
        if let Security::StartTls { roots } = &server.security {
            wire = start_tls(wire, server, roots.as_deref(), &offers)?;
            // What was said before cannot be trusted (RFC 3207, 4.2).
            offers = Offers::ask(&mut wire, server)?;
        }
        if let Some(login) = &server.login {
            log_in(&mut wire, server, login, &offers)?;
        }
        Ok(Session {
            wire,
            from: server.from.clone(),
            patience: server.patience,
            knows_utf8: offers.has("SMTPUTF8"),
            is_usable: true,
        })
    }

    /// Whether another mail can be handed over on it.
    pub fn is_usable(&self) -> bool {
        self.is_usable
    }

    /// Gets the server's "go ahead" for a mail. Nothing is sent before [`Prepared::hand_over`].
    pub fn prepare(&mut self, message: &Message) -> Result<Prepared<'_>, Failure> {
        if !self.is_usable {
            return Err(Failure::Away { said: "the connection is closed".to_owned() });
        }
        let envelope = message.envelope(&self.from).map_err(unfit)?;
        // A connection that breaks in here is not used again.
        self.is_usable = false;
        self.announce(&envelope)?;
        Ok(Prepared { session: self, bytes: wire::stuffed(&envelope.bytes) })
    }

    fn announce(&mut self, envelope: &Envelope) -> Result<(), Failure> {
        let utf8 = match envelope.to.needs_utf8() || envelope.from.needs_utf8() {
            true if !self.knows_utf8 => {
                self.is_usable = true;
                let said = "the mail server cannot write to addresses with other letters than a–z";
                return Err(Failure::Refused { said: said.to_owned() });
            }
            true => " BODY=8BITMIME SMTPUTF8",
            false => "",
        };
        let reply = self.ask(&format!("MAIL FROM:<{}>{utf8}", envelope.from))?;
        if let Err(failure) = judge_sender(&reply) {
            return Err(self.recover(failure));
        }
        let reply = self.ask(&format!("RCPT TO:<{}>", envelope.to))?;
        if let Err(failure) = judge_recipient(&reply) {
            return Err(self.recover(failure));
        }
        let reply = self.ask("DATA")?;
        match reply.code {
            354 => Ok(()),
            _ => Err(self.recover(judge_mail(&reply))),
        }
    }

    fn ask(&mut self, command: &str) -> Result<Reply, Failure> {
        let broken = |error| Failure::Away { said: wire::told(&error) };
        let reply = self.wire.ask(command, self.patience).map_err(broken)?;
        if reply.code == 421 {
            return Err(Failure::Away { said: reply.to_string() });
        }
        Ok(reply)
    }

    /// After a refusal: the connection is good for the next mail if the server forgets this one.
    fn recover(&mut self, failure: Failure) -> Failure {
        self.is_usable = self.ask("RSET").is_ok_and(|reply| reply.is_fine());
        failure
    }

    /// Says goodbye; whatever comes of it, nothing is lost.
    pub fn close(mut self) {
        if self.is_usable {
            let _ = self.wire.ask("QUIT", Duration::from_secs(5).min(self.patience));
        }
    }
}

/// A mail that the server waits for. Dropped, the connection ends, and a server must not keep a mail
/// that did not end (RFC 5321, 4.1.1.10).
#[derive(Debug)]
#[must_use = "the mail is not sent yet"]
pub struct Prepared<'a> {
    session: &'a mut Session,
    bytes: Vec<u8>,
}

impl Prepared<'_> {
    /// Sends the mail and waits for the receipt.
    pub fn hand_over(self) -> Result<(), Failure> {
        let Prepared { session, bytes } = self;
        let patience = session.patience;
        // Without its last line a mail is no mail: up to here, nothing was sent.
        let away = |error| Failure::Away { said: wire::told(&error) };
        session.wire.send(&bytes, patience).map_err(away)?;
        let reply = session.wire.ask(".", 2 * patience);
        let reply = reply.map_err(|error| Failure::Unsure { said: wire::told(&error) })?;
        session.is_usable = reply.code != 421;
        if reply.is_fine() { Ok(()) } else { Err(judge_mail(&reply)) }
    }
}

fn away(server: &Server, error: &dyn fmt::Display) -> Failure {
    Failure::Away { said: format!("no mail server at {}:{}: {error}", server.host, server.port) }
}

fn settings(said: impl Into<String>, hint: impl Into<String>) -> Failure {
    Failure::Settings { said: said.into(), hint: hint.into() }
}

/// A mail that cannot be one: for the address it is refused, for all else every other mail would be, too.
fn unfit(unfit: Unfit) -> Failure {
    match unfit {
        Unfit::To(_) => Failure::Refused { said: unfit.to_string() },
        Unfit::BounceTo(_) | Unfit::Id | Unfit::Unsubscribe => settings(
            unfit.to_string(),
            "nothing was sent; check `hosts` in site.toml and `smtp.from`",
        ),
    }
}

fn connect(server: &Server) -> Result<TcpStream, Failure> {
    let host = server.host.trim_start_matches('[').trim_end_matches(']');
    let addresses = (host, server.port).to_socket_addrs().map_err(|e| away(server, &e))?;
    let mut last = None;
    for address in addresses {
        if matches!(server.security, Security::None) && !is_this_machine(address.ip()) {
            return Err(settings(
                format!("`smtp.security` is `none`, and {} is another machine", server.host),
                "members' addresses and links would cross the network for all to read: use `starttls` or `tls`",
            ));
        }
        match TcpStream::connect_timeout(&address, CONNECT_PATIENCE.min(server.patience)) {
            Ok(tcp) => return Ok(tcp),
            Err(error) => last = Some(error),
        }
    }
    let none = "its name has no address".to_owned();
    Err(away(server, &last.map_or(none, |error| error.to_string())))
}

fn is_this_machine(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_loopback(),
        IpAddr::V6(ip) => {
            ip.is_loopback() || ip.to_ipv4_mapped().is_some_and(|ip| ip.is_loopback())
        }
    }
}

fn encrypt(wire: Wire, server: &Server, roots: Option<&[u8]>) -> Result<Wire, Failure> {
    let host = server.host.trim_start_matches('[').trim_end_matches(']');
    wire.encrypted(host, roots, server.patience).map_err(|error| match error {
        wire::TlsError::Io(error) => away(server, &wire::told(&error)),
        wire::TlsError::Roots(why) => settings(
            format!("the certificates of `smtp.ca_file` cannot be used: {why}"),
            "it should hold certificates in PEM, as in `-----BEGIN CERTIFICATE-----`",
        ),
        wire::TlsError::Name => settings(
            format!("`smtp.host` is `{host}`, which no certificate can be for"),
            "write the server's name as its certificate has it",
        ),
        wire::TlsError::Refused(why) => settings(
            format!("the connection to {host}:{} cannot be encrypted: {why}", server.port),
            "where the server has a certificate of the city's own, name the city's root in `smtp.ca_file`; \
             port 465 speaks `tls`, port 587 `starttls`",
        ),
    })
}

fn expect_greeting(wire: &mut Wire, server: &Server) -> Result<(), Failure> {
    let reply = wire.reply(server.patience).map_err(|e| match e.kind() {
        std::io::ErrorKind::InvalidData => settings(
            format!("{}:{} does not speak SMTP", server.host, server.port),
            "check `smtp.host`, `smtp.port` and `smtp.security` (465 is `tls`, 587 `starttls`)",
        ),
        _ => away(server, &wire::told(&e)),
    })?;
    match reply.code {
        220 => Ok(()),
        _ => Err(away(server, &reply)),
    }
}

/// What a server says that it can (RFC 5321, 4.1.1.1).
struct Offers(Vec<String>);

impl Offers {
    fn ask(wire: &mut Wire, server: &Server) -> Result<Offers, Failure> {
        let name = wire.own_name();
        let reply = wire.ask(&format!("EHLO {name}"), server.patience);
        let reply = reply.map_err(|e| away(server, &wire::told(&e)))?;
        match reply.code {
            250 => Ok(Offers(reply.lines.iter().skip(1).map(|l| l.to_ascii_uppercase()).collect())),
            400..500 => Err(away(server, &reply)),
            _ => Err(settings(
                format!("{} refuses to talk to this machine: {reply}", server.host),
                "ask whoever runs it to let this machine hand mail in",
            )),
        }
    }

    /// The words behind a keyword, where it is offered.
    fn words(&self, keyword: &str) -> Option<&str> {
        self.0.iter().find_map(|line| match line.split_once(' ') {
            Some((first, rest)) => (first == keyword).then_some(rest),
            None => (line == keyword).then_some(""),
        })
    }

    fn has(&self, keyword: &str) -> bool {
        self.words(keyword).is_some()
    }
}

fn start_tls(
    mut wire: Wire,
    server: &Server,
    roots: Option<&[u8]>,
    offers: &Offers,
) -> Result<Wire, Failure> {
    if !offers.has("STARTTLS") {
        return Err(settings(
            format!("{}:{} offers no encryption (STARTTLS)", server.host, server.port),
            "nothing was sent; `smtp.security = \"tls\"` with port 465 may be what it speaks. If it did \
             offer it before, somebody between may take it away: ask whoever runs the network",
        ));
    }
    let reply = wire.ask("STARTTLS", server.patience);
    let reply = reply.map_err(|e| away(server, &wire::told(&e)))?;
    if reply.code != 220 {
        return Err(away(server, &format!("it cannot encrypt now: {reply}")));
    }
    if wire.has_more() {
        // Commands slipped in before encryption would count as said within it (CVE-2011-0411).
        return Err(settings(
            format!("{} says more before encryption than it should", server.host),
            "nothing was sent; somebody may sit between: ask whoever runs the network",
        ));
    }
    encrypt(wire, server, roots)
}

fn log_in(wire: &mut Wire, server: &Server, login: &Login, offers: &Offers) -> Result<(), Failure> {
    let known = offers.words("AUTH").unwrap_or_default();
    let has = |name: &str| known.split(' ').any(|word| word == name);
    let steps = if has("PLAIN") {
        let text = format!("\0{}\0{}", login.user, login.password);
        vec![format!("AUTH PLAIN {}", wire::base64(text.as_bytes()))]
    } else if has("LOGIN") {
        let texts = [&login.user, &login.password].map(|text| wire::base64(text.as_bytes()));
        [vec!["AUTH LOGIN".to_owned()], texts.to_vec()].concat()
    } else {
        return Err(settings(
            format!(
                "{} offers no way to log in that this program knows (PLAIN, LOGIN)",
                server.host
            ),
            "leave out `smtp.user` and `smtp.password_file` where this machine may hand mail in without",
        ));
    };
    let last = steps.len() - 1;
    for (at, step) in steps.iter().enumerate() {
        let reply = wire.ask(step, server.patience);
        let reply = reply.map_err(|e| away(server, &wire::told(&e)))?;
        match reply.code {
            235 if at == last => {}
            334 if at < last => {}
            400..500 => return Err(away(server, &reply)),
            _ => {
                return Err(settings(
                    format!("{} does not let `{}` in: {reply}", server.host, login.user),
                    "check `smtp.user` and the file of `smtp.password_file`",
                ));
            }
        }
    }
    Ok(())
}

/// What MAIL was answered. A sender that is refused is refused for every mail.
fn judge_sender(reply: &Reply) -> Result<(), Failure> {
    match reply.code {
        200..300 => Ok(()),
        400..500 => Err(Failure::Later { said: reply.to_string() }),
        _ => Err(settings(
            format!("the mail server does not take mail from `smtp.from`: {reply}"),
            "log in (`smtp.user`), or ask whoever runs it to let this sender hand mail in",
        )),
    }
}

/// What RCPT was answered.
fn judge_recipient(reply: &Reply) -> Result<(), Failure> {
    let said = reply.to_string();
    match reply.code {
        200..300 => Ok(()),
        400..500 => Err(Failure::Later { said }),
        530 | 535 | 538 => Err(settings(
            format!("the mail server wants somebody to log in: {reply}"),
            "set `smtp.user` and `smtp.password_file`",
        )),
        // X.7.X is about rights (RFC 3463), as in "relay access denied"; 554 without a finer code, too.
        _ if reply.finer.is_some_and(|(_, subject, _)| subject == 7) => {
            Err(Failure::Blocked { said })
        }
        554 if reply.finer.is_none() => Err(Failure::Blocked { said }),
        _ => Err(Failure::Refused { said }),
    }
}

/// What DATA, or the mail itself, was answered when it was not taken.
fn judge_mail(reply: &Reply) -> Failure {
    let said = reply.to_string();
    match reply.code {
        500..600 if reply.finer.is_some_and(|(_, subject, _)| subject == 7) => {
            Failure::Blocked { said }
        }
        500..600 => Failure::Refused { said },
        _ => Failure::Later { said },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(text: &str) -> Reply {
        Reply::parse(&[text.to_owned()]).expect("a reply")
    }

    #[test]
    fn an_address_is_refused_for_what_is_said_of_it_alone() {
        let judged = |text: &str| judge_recipient(&reply(text));
        assert_eq!(judged("250 2.1.5 Ok"), Ok(()));
        assert!(matches!(judged("550 5.1.1 no such user"), Err(Failure::Refused { .. })));
        assert!(matches!(judged("550 no such user"), Err(Failure::Refused { .. })));
        assert!(matches!(judged("451 4.7.1 greylisted"), Err(Failure::Later { .. })));
        assert!(matches!(judged("554 5.7.1 Relay access denied"), Err(Failure::Blocked { .. })));
        assert!(matches!(judged("530 5.7.0 log in first"), Err(Failure::Settings { .. })));
    }

    #[test]
    fn a_sender_that_is_refused_stops_everything() {
        let judged = judge_sender(&reply("550 5.7.1 not yours")).expect_err("refused");
        assert!(matches!(judged, Failure::Settings { .. }));
    }
}
