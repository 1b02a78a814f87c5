//! A central's own answers: collected from homes, stored without a detour; and the judge of what
//! kiosks send.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::tz::TimeZone;

use super::collect::{Collector, Refused, State};
use super::outbox::free_bytes;
use crate::clock::Clock;
use crate::response::Response;
use crate::response::revalidate::{Unsound, revalidate};
use crate::store::Central;
use crate::store::central::response::Accepted;
use crate::store::error::{Health, StoreError};
use crate::survey::{Definition, Phase};
use crate::sync::reception::{Intake, Verdict};

/// Stores answers from homes in `central.db`.
pub struct Homes(pub Arc<Central>);

impl Collector for Homes {
    fn store(&self, response: &Response, definition: &Definition) -> Result<(), Refused> {
        let accepted = Accepted {
            structure: definition.structure.clone(),
            response: response.clone(),
            flags: Vec::new(),
        };
        self.0.store_response(accepted).map(|_| ()).map_err(|error| match error {
            StoreError::Busy => Refused::Busy,
            other => Refused::Disk(format!("{other}; {}", other.advice())),
        })
    }

    fn state(&self) -> State {
        let health = self.0.progress().health;
        State {
            can_store: health == Health::Fine,
            word: health.name().to_owned(),
            unsynced: 0,
            disk_free_bytes: free_bytes(self.0.path()),
        }
    }
}

/// Judges what kiosks send by the definitions the central itself registered, never by theirs.
pub struct Judge {
    central: Arc<Central>,
    clock: Arc<dyn Clock>,
    zone: TimeZone,
    /// By version: definitions never change.
    known: Mutex<HashMap<String, Arc<Definition>>>,
}

impl Judge {
    /// `zone` is the site's: whether a survey is closed is decided in it.
    pub fn new(central: Arc<Central>, clock: Arc<dyn Clock>, zone: TimeZone) -> Judge {
        Judge { central, clock, zone, known: Mutex::default() }
    }

    fn definition(&self, version: &str) -> Option<Arc<Definition>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(definition) = known.get(version) {
            return Some(definition.clone());
        }
        // A database that cannot be read just now makes the row wait, not fail.
        let definition = Arc::new(self.central.definition(version).ok()??);
        known.insert(version.to_owned(), definition.clone());
        Some(definition)
    }
}

impl Intake for Judge {
    fn judge(&self, survey: &str, version: &str, body: &str) -> Verdict {
        let Some(definition) = self.definition(version) else { return Verdict::UnknownVersion };
        if definition.slug != survey {
            return Verdict::Refused("other-survey".to_owned());
        }
        match revalidate(body.as_bytes(), &definition) {
            Ok(response) => {
                let now = self.clock.here(&self.zone).datetime();
                let late = definition.settings.phase(now) == Phase::Closed;
                Verdict::Accepted {
                    structure: definition.structure.clone(),
                    response: Box::new(response),
                    flags: late.then(|| "late".to_owned()).into_iter().collect(),
                }
            }
            Err(unsound) => Verdict::Refused(word(&unsound).to_owned()),
        }
    }
}

/// A stable word: what exactly was wrong may hold what somebody wrote.
fn word(unsound: &Unsound) -> &'static str {
    match unsound {
        Unsound::Unreadable(_) => "unreadable",
        Unsound::OtherSurvey(_) => "other-survey",
        Unsound::Answers(_) => "unsound-answers",
    }
}
