//! What visitors leave, at a kiosk and at home.

use std::collections::BTreeMap;

use borgerpanel::response::Private;
use borgerpanel::store::Stored;
use borgerpanel::store::outbox::Form;
use borgerpanel::store::record::{Kind, Label, Sealed, Uid};
use borgerpanel::sync::envelope;

use super::{Machine, Town};
use crate::fleet::{NEW_VERSION, response};
use crate::simulation::bug::Bug;
use crate::simulation::line::{UNSOUND, Words};
use crate::simulation::step::Sort;
use crate::simulation::stores::{Content, Device, Registry};

impl<D: Device, R: Registry> Town<D, R> {
    pub(super) fn collect(&mut self, kiosk: usize, sort: Sort) -> Result<(), String> {
        let uid = match sort {
            Sort::TakenUid => self.taken_uid(),
            _ => self.next_form(),
        };
        let form = self.form(kiosk, uid, sort);
        let contents: Vec<Content> = form.apart.iter().chain([&form.record]).map(content).collect();
        let disk = &self.kiosks[kiosk].disk;
        let stored = disk.fuse.write(|| disk.store.store(form.clone()));
        let is_thanked = stored == Ok(Stored::New) || self.bug == Some(Bug::ThanksEarly);
        if is_thanked {
            contents.iter().for_each(|content| self.promises.make(*content));
        }
        if sort == Sort::Twice && is_thanked {
            let again = self.form(kiosk, uid, sort);
            let disk = &self.kiosks[kiosk].disk;
            let again = disk.fuse.write(|| disk.store.store(again));
            if again != Ok(Stored::Known) && self.bug.is_none() {
                return Err(format!("a form that came twice is {again:?}"));
            }
        }
        Ok(())
    }

    pub(super) fn collect_cut(&mut self, kiosk: usize, is_stored: bool) {
        let uid = self.next_form();
        let form = self.form(kiosk, uid, Sort::Plain);
        let content = content(&form.record);
        let machine = &mut self.kiosks[kiosk];
        if is_stored && machine.disk.store.store(form).is_ok() {
            self.promises.see(content);
        } else if self.bug == Some(Bug::ThanksEarly) {
            self.promises.make(content);
        }
        machine.disk.store.restart();
    }

    pub(super) fn answer_at_home(&mut self, central: usize, is_taken: bool) {
        let uid = if is_taken { self.taken_uid() } else { self.next_form() };
        if self.places[central].post.central.books.store_home(uid) == Ok(Stored::New) {
            self.promises.homes[central].insert(uid);
        }
    }

    pub(super) fn next_form(&mut self) -> Uid {
        let uid = self.next_uid();
        self.forms.push(uid);
        uid
    }

    /// That of an earlier form. A private record's is random, and nobody can take it.
    pub(super) fn taken_uid(&mut self) -> Uid {
        match self.forms.len() {
            0 => self.next_form(),
            forms => self.forms[forms * 7 % forms.div_ceil(2)],
        }
    }

    pub(super) fn next_uid(&mut self) -> Uid {
        self.uids += 1;
        uid_of(self.uids)
    }

    pub(super) fn form(&mut self, kiosk: usize, uid: Uid, sort: Sort) -> Form {
        let kind = if sort == Sort::Signup { Kind::Signup } else { Kind::Response };
        let record = self.seal(kiosk, uid, kind, sort);
        let apart = match sort {
            Sort::Private => {
                let uid = self.next_uid();
                vec![self.seal(kiosk, uid, Kind::Private, sort)]
            }
            _ => Vec::new(),
        };
        Form { record, apart }
    }

    /// A record, each with a content of its own.
    pub(super) fn seal(&mut self, kiosk: usize, uid: Uid, kind: Kind, sort: Sort) -> Sealed {
        let Machine { disk, setup, .. } = &self.kiosks[kiosk];
        let label = Label {
            kind,
            uid,
            survey: "trafik".to_owned(),
            version: if sort == Sort::NewVersion { NEW_VERSION } else { "v1" }.to_owned(),
            kiosk: setup.name.clone(),
            epoch: disk.store.life().expect("a life").epoch,
        };
        self.promises.contents += 1;
        let end = if sort == Sort::Unsound { UNSOUND } else { "" };
        match self.words {
            Words::Typed => {
                let body = format!("{} {end}", self.promises.contents).into_bytes();
                Sealed { label, body }
            }
            Words::Signed => {
                let json = if end.is_empty() { json(&label) } else { end.to_owned() };
                envelope::seal(label, &json, &setup.enrolment.admission.seal_keys).expect("sealed")
            }
        }
    }
}

fn json(label: &Label) -> String {
    let json = match label.kind {
        Kind::Private => serde_json::to_string(&Private {
            v: 1,
            uid: label.uid.to_string(),
            survey: label.survey.clone(),
            version: label.version.clone(),
            answers: BTreeMap::new(),
        }),
        Kind::Response | Kind::Signup => serde_json::to_string(&response(label)),
    };
    json.expect("JSON")
}

fn content(sealed: &Sealed) -> Content {
    (sealed.label.uid, sealed.digest())
}

fn uid_of(number: u64) -> Uid {
    let mut uid = [0; 16];
    uid[8..].copy_from_slice(&number.to_be_bytes());
    Uid(uid)
}
