//! `borgerpanel kiosk enroll`: makes this kiosk known to a central.

use std::path::Path;

use super::settings;
use crate::cli::{KioskEnrollArgs, Verdict};
use crate::clock::{Clock, SystemClock};
use crate::commands::parcels;
use crate::commands::settings::write_example;
use crate::console::say;
use crate::durable::{Access, replace_file};
use crate::error::{Context, Error, Result};
use crate::store::Outbox;
use crate::sync::enrol::{self, Code, Enrolment, Reply, Request};
use crate::sync::exchange::TransportError;
use crate::sync::push::{Http, read_address};

/// More than any answer has.
const BYTES_MAX: u64 = 64 * 1024;

/// Runs the command.
pub fn run(args: &KioskEnrollArgs) -> Result<Verdict> {
    let address = read_address(&args.central).map_err(|wrong| {
        Error::new(format!("use the central's address {:?}", args.central))
            .source(wrong)
            .hint("write it as in `--central https://panel.example.dk`")
    })?;
    let code = Code::read(&args.code).ok_or_else(|| {
        Error::new("use the code")
            .source("it should be twelve letters and digits")
            .hint("copy it as `borgerpanel central enroll NAME` printed it")
    })?;
    let folder = &args.at.data;
    // Made first: what cannot store needs no enrolment.
    drop(Outbox::open(folder)?);
    let request = Request::new(&code, &enrol::own_key(folder)?);
    if let Some(file) = &args.request {
        let json = serde_json::to_vec(&request).during("write the request")?;
        replace_file(file, &json, Access::Shared)?;
        say!("carry {} to the central, and there:", file.display())?;
        say!("  borgerpanel central enroll --request FILE --reply FILE")?;
        return Ok(Verdict::Fine);
    }
    let reply = match &args.reply {
        Some(file) => read_reply(file)?,
        None => Http::new(&address).enrol(&request).map_err(|error| refused(&address, error))?,
    };
    let admission = reply.verify(&code, &request).map_err(|wrong| {
        Error::new(format!("enrol at {address}"))
            .source(format!("the reply does not count: {wrong}"))
            .hint("it was made for another code or kiosk, or somebody else answers in the central's place")
    })?;
    let enrolment =
        Enrolment { central: address, admission, enrolled: SystemClock.now().to_string() };
    enrolment.save(folder)?;
    write_example(&folder.join(settings::FILE), settings::KEYS)
        .during("write an example of the settings")?;
    say!("enrolled as {} at {}", enrolment.admission.kiosk, enrolment.central)?;
    say!("answers are sealed for {} keys of the central", enrolment.admission.seal_keys.len())?;
    Ok(Verdict::Fine)
}

fn read_reply(file: &Path) -> Result<Reply> {
    serde_json::from_slice(&parcels::read(file, BYTES_MAX)?).map_err(|wrong| {
        Error::new("read the central's answer")
            .path(file)
            .source(wrong)
            .hint("take what `borgerpanel central enroll --reply FILE` wrote")
    })
}

fn refused(address: &str, error: TransportError) -> Error {
    let hint = match &error {
        TransportError::Refused { problem, .. } if problem == "wrong-code" => {
            "a code is good once and for a day; make another with `borgerpanel central enroll NAME`"
        }
        TransportError::Refused { status: 429, .. } => "wait ten minutes, then use a new code",
        _ => "check the address, and that `borgerpanel central run` is running there",
    };
    Error::new(format!("enrol at {address}")).source(error).hint(hint)
}
