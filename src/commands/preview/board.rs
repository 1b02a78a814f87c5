//! What the last build said, for whoever asks now, and the pages that wait for the next one.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::diag::{self, Diagnostic, Language, Sources};
use crate::server::http::Body;
use crate::server::reload::{Event, Reloads};
use crate::site::{Outcome, Site};

/// Told by the builds, asked by the pages.
#[derive(Default)]
pub struct Board {
    reloads: Reloads,
    last: Mutex<Last>,
}

/// The texts of one build, and what is wrong with them.
#[derive(Default)]
pub struct Last {
    pub sources: Sources,
    pub diagnostics: Vec<Diagnostic>,
    /// False where it made no site: an older one is shown.
    pub is_good: bool,
}

impl Board {
    /// Keeps what a build said, and gives what it made.
    pub fn note(&self, outcome: Outcome) -> Option<Site> {
        let Outcome { site, diagnostics, sources, .. } = outcome;
        *self.last() = Last { sources, diagnostics, is_good: site.is_some() };
        site
    }

    /// The last build; no other one is noted while this is held.
    pub fn last(&self) -> MutexGuard<'_, Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The report of the last build; empty where all is well.
    pub fn report(&self) -> String {
        let last = self.last();
        diag::report(&last.diagnostics, &last.sources, Language::English)
    }

    /// Tells every open page.
    pub fn tell(&self, name: &'static str) {
        self.reloads.publish(&Event { name, data: self.report() });
    }

    /// A stream of what is told from now on.
    pub fn subscribe(&self) -> Body {
        self.reloads.subscribe()
    }
}
