//! `borgerpanel central import FILE…`: takes in what kiosks wrote to a stick, by the rules of a POST, and
//! writes the receipts that go back. A file that does not count stops none of the others.

use std::path::Path;

use serde_json::{Value, json};

use super::run::open;
use crate::cli::{CentralImportArgs, Verdict};
use crate::commands::parcels;
use crate::console::{complain, say};
use crate::durable::{Access, create_folder, replace_file};
use crate::error::{Context, Error, Result};
use crate::server::homes::Judge;
use crate::sync::message::{Receipt, Signed};
use crate::sync::reception::{Reception, Refusal};
use crate::sync::stick::{BATCH, RECEIPT};

/// More than any batch has: its rows, or one large one, and its head.
const BYTES_MAX: u64 = 4 << 20;

/// Runs the command. The verdict is no where a file was not taken in.
pub fn run(args: &CentralImportArgs) -> Result<Verdict> {
    let files = parcels::named(&args.files, BATCH)?;
    if let Some(folder) = &args.receipt {
        create_folder(folder).during_at("make the folder", folder)?;
    }
    let (reception, _) = open(&args.at.data, &args.content, args.theme.as_deref())?;
    let mut verdict = Verdict::Fine;
    let mut taken = Vec::new();
    for file in &files {
        match take(&reception, file, args.receipt.as_deref()) {
            Ok(receipt) => {
                if !args.json {
                    tell(file, &receipt)?;
                }
                taken.push(in_json(file, &receipt));
            }
            Err(error) => {
                verdict = Verdict::No;
                complain!("borgerpanel: {error}");
            }
        }
    }
    match (args.json, &args.receipt) {
        (true, _) => say!("{}", Value::from(taken))?,
        _ if taken.is_empty() => {}
        (false, Some(to)) => {
            say!("the receipts are on {}: safe to remove", to.display())?;
        }
        (false, None) => say!("without --receipt DIR no kiosk hears of it, and all comes again")?,
    }
    Ok(verdict)
}

fn take(reception: &Reception<Judge>, file: &Path, receipts: Option<&Path>) -> Result<Receipt> {
    let refused = |refusal: Refusal| {
        let hint = advice(&refusal);
        Error::new("take in").path(file).source(refusal).hint(hint)
    };
    let signed = reception.take(&parcels::read(file, BYTES_MAX)?).map_err(refused)?;
    let receipt = signed.claimed().map_err(|wrong| refused(wrong.into()))?;
    if let Some(folder) = receipts {
        keep(&signed, file, folder)?;
    }
    Ok(receipt)
}

fn keep(signed: &Signed, file: &Path, folder: &Path) -> Result<()> {
    let name = Path::new(file.file_name().unwrap_or_default()).with_extension(RECEIPT);
    let text = serde_json::to_vec(signed).during("write a receipt")?;
    replace_file(&folder.join(name), &text, Access::Shared)
}

fn advice(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Malformed | Refusal::Damaged => {
            "nothing of it was taken in; at the kiosk write it again with `borgerpanel kiosk export`"
        }
        Refusal::OtherVersion => "bring the older of the two programs up to date",
        Refusal::Forged => "nothing of it was taken in: somebody changed it, or it is no kiosk's",
        Refusal::UnknownKey | Refusal::Revoked | Refusal::WrongCode => {
            "if the machine is yours, enrol it again with `borgerpanel central enroll NAME`, and \
             write it again there"
        }
        Refusal::OtherCentral => "take it in at the central where this kiosk is enrolled",
        Refusal::Store(error) => error.advice(),
    }
}

fn tell(file: &Path, receipt: &Receipt) -> Result<()> {
    let Receipt { kiosk, stored, dup, quarantined, high_seq, .. } = receipt;
    let file = file.display();
    say!("{file}: {stored} new, {dup} known already, {quarantined} quarantined")?;
    if *high_seq + 1 < receipt.first {
        say!(
            "  numbers {} to {} of {kiosk} are still missing here",
            high_seq + 1,
            receipt.first - 1
        )?;
    }
    Ok(())
}

fn in_json(file: &Path, receipt: &Receipt) -> Value {
    json!({
        "file": file.display().to_string(),
        "kiosk": receipt.kiosk,
        "stored": receipt.stored,
        "dup": receipt.dup,
        "quarantined": receipt.quarantined,
        "high_seq": receipt.high_seq,
    })
}
