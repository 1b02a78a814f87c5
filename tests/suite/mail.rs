//! Mail through a real server ([`crate::postbox`]): what arrives, who is refused, what a cut connection
//! leaves behind. Killing the process itself is for the command that sends.

mod line;
mod queue;

use std::path::PathBuf;
use std::time::Duration;

use borgerpanel::mail::settings::Smtp;
use borgerpanel::mail::{Message, Server};

use crate::postbox::Postbox;

/// A mail to one person, with letters that ASCII lacks.
fn message(number: i64) -> Message {
    Message {
        to: format!("borger{number}@example.dk"),
        subject: format!(
            "Nr. {number}: Hvad synes du om træerne på Nørrebro – skal der være flere?"
        ),
        text: format!(
            "Kære nabo\n\nDet er nr. {number}: æøå ÆØÅ €\n.\n.. en linje med punktum\n\nhttps://panel.example.dk/i/{number}\n"
        ),
        html: format!("<p>Kære nabo nr. {number}: æøå</p>"),
        id: format!("inv.7.{number}"),
        lang: "da".to_owned(),
        date: "2026-11-27T11:05:09Z".parse().expect("a moment"),
        unsubscribe: Some(format!("https://panel.example.dk/panel/leave/{number}")),
        bounce_to: Some("retur@panel.example.dk".to_owned()),
    }
}

fn smtp(postbox: &Postbox) -> Smtp {
    Smtp {
        host: Some("localhost".to_owned()),
        port: postbox.port,
        security: "none".to_owned(),
        from: Some("Københavns Borgerpanel <panel@example.dk>".to_owned()),
        ..Smtp::default()
    }
}

/// The server behind these settings, which waits for two seconds.
fn server(smtp: &Smtp) -> Server {
    let server = smtp.server(&PathBuf::new()).expect("settings");
    Server { patience: Duration::from_secs(2), ..server }
}
