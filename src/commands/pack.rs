//! `borgerpanel pack`: one file that is a whole kiosk. The program with a release, the settings and, only
//! when that was asked for, the enrolment behind it; [`carried`] is what comes out of it again.

pub mod carried;

use std::path::Path;

use crate::cli::{PackArgs, Verdict};
use crate::clock::{Clock, SystemClock};
use crate::commands::central::release::built;
use crate::commands::kiosk::settings::{self, KioskSettings};
use crate::console::say;
use crate::crypto::SigningKey;
use crate::error::{Context, Error, Result};
use crate::store::CentralId;
use crate::sync::enrol;
use crate::sync::release::file::{self, Maker};
use carried::{Cargo, Item, RELEASE};

/// Runs the command. The verdict is no where the content has mistakes.
pub fn run(args: &PackArgs) -> Result<Verdict> {
    // What is wrong with the settings is told here, not in the library where the kiosk will stand.
    KioskSettings::load(&args.at.data)?;
    let Some(mut items) = release(args)? else { return Ok(Verdict::No) };
    let settings = item(&args.at.data, settings::FILE)?;
    let has_settings = settings.is_some();
    items.extend(settings);
    if args.with_enrolment {
        for name in [enrol::FILE, enrol::KEY_FILE] {
            let found = item(&args.at.data, name)?.ok_or_else(|| {
                Error::new("pack the enrolment")
                    .path(args.at.data.join(name))
                    .source("it does not exist")
                    .hint("enrol first, or leave `--with-enrolment` out and enrol where it stands")
            })?;
            items.push(found);
        }
    }
    let program = carried::own_program()?;
    let bytes = Cargo { items }.behind(&program);
    write(&args.out, &bytes)?;
    say!("{}: {} bytes, a whole kiosk. Inside:", args.out.display(), bytes.len())?;
    say!("  the program, {} bytes, for machines like this one", program.len())?;
    say!("  the site of {}", args.content.display())?;
    match has_settings {
        true => say!("  {}", args.at.data.join(settings::FILE).display())?,
        false => {
            say!("  no settings: there is no {}", args.at.data.join(settings::FILE).display())?
        }
    }
    match args.with_enrolment {
        true => say!(
            "  the enrolment WITH THE KIOSK'S KEY: for one machine alone, and for nobody else's eyes"
        )?,
        false => say!("  no enrolment: `kiosk enroll` where it stands")?,
    }
    Ok(Verdict::Fine)
}

/// The site as a release that comes with the program: nobody has to be asked whether it is genuine, so
/// the key that signs it is thrown away. Its number is below any that a central gives.
fn release(args: &PackArgs) -> Result<Option<Vec<Item>>> {
    let place = args.out.parent().filter(|parent| !parent.as_os_str().is_empty());
    let place = place.unwrap_or(Path::new("."));
    let Some((_, files)) = built(&args.content, args.theme.as_deref(), place)? else {
        return Ok(None);
    };
    let maker = Maker {
        central: CentralId([0; 16]),
        key: &SigningKey::generate(),
        number: 0,
        made: SystemClock.now().to_string(),
    };
    let (_, bytes) = file::write(&files, &maker)
        .map_err(|flaw| flaw.during(format!("pack {}", args.content.display())))?;
    Ok(Some(vec![Item { name: RELEASE.to_owned(), bytes }]))
}

/// The file called `name` in the kiosk's folder, if there is one.
fn item(data: &Path, name: &str) -> Result<Option<Item>> {
    let path = data.join(name);
    if !path.exists() {
        return Ok(None);
    }
    let bytes = std::fs::read(&path).during_at("read", &path)?;
    Ok(Some(Item { name: name.to_owned(), bytes }))
}

/// Writes an executable file, whole or not at all. Only its owner may read it where it holds a key; the
/// mode is the same in any case, as a pack is started by whoever copied it.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    crate::durable::replace_file(path, bytes, crate::durable::Access::Private)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(path, mode).during_at("make executable", path)?;
    }
    Ok(())
}
