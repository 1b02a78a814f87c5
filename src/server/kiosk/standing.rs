//! How a kiosk is: the one source of `kiosk status` and of the page for staff.

use std::path::Path;

use super::super::outbox::free_bytes;
use crate::error::Result;
use crate::store::aside::{self, SetAside};
use crate::store::outbox::{self, Status};
use crate::store::{CentralId, Health};
use crate::sync::enrol::Enrolment;

/// Less than this is a full disk: SQLite needs room to write what it then takes back.
const FREE_BYTES_MIN: u64 = 1024 * 1024;

/// What is stored, what is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its name at its central; before the enrolment the one in its settings.
    pub kiosk: Option<String>,
    /// The central's address; none before the enrolment.
    pub central: Option<String>,
    pub health: Health,
    /// None where the database cannot be read.
    pub status: Option<Status>,
    pub disk_free_bytes: Option<u64>,
    /// Damaged databases that were set aside and that nobody has looked at: an alarm, also where
    /// `health` is fine again.
    pub set_aside: Vec<SetAside>,
}

impl Standing {
    /// Looks into the kiosk's folder, beside a running kiosk or without one; `name` is the settings'.
    pub fn read(folder: &Path, name: Option<String>) -> Result<Standing> {
        let enrolment = Enrolment::load(folder)?;
        let central: Option<CentralId> = enrolment.as_ref().map(|found| found.admission.central_id);
        let (health, status) = outbox::inspect(folder, central);
        let free = free_bytes(&folder.join(outbox::FILE));
        let health = match free {
            // Other troubles may be no more than that, too.
            Some(free) if free < FREE_BYTES_MIN && health != Health::Corrupt => Health::DiskFull,
            _ => health,
        };
        let enrolled = enrolment.as_ref().map(|found| found.admission.kiosk.clone());
        let address = enrolment.map(|found| found.central);
        Ok(Standing {
            kiosk: enrolled.or(name),
            central: address,
            health,
            status,
            disk_free_bytes: free,
            set_aside: aside::list(folder).into_iter().filter(SetAside::alarms).collect(),
        })
    }
}
