//! Sealing what somebody answered, before it is stored: at a kiosk, and at a central that opens nothing.

use super::collect::Refused;
use crate::crypto::SealPublic;
use crate::response::{ByLetter, Response, SetApart, SignUp};
use crate::store::record::{Epoch, Kind, Label, Sealed, Uid};
use crate::sync::envelope::{self, SealError};

/// What every record of a form is sealed with.
pub struct Seal<'a> {
    /// The central's key and the recovery key.
    pub keys: &'a [SealPublic],
    /// What the label calls the place: a kiosk's name, or [`WEB`].
    pub place: &'a str,
    pub epoch: Epoch,
}

/// What labels call homes. No kiosk is enrolled under this name.
pub const WEB: &str = "web";

impl Seal<'_> {
    /// Seals a response. At a kiosk it says which.
    pub fn response(&self, response: &Response) -> Result<Sealed, Refused> {
        let mut response = response.clone();
        response.kiosk = (self.place != WEB).then(|| self.place.to_owned());
        let uid = Uid::from_hex(&response.uid).expect("a response's uid is 32 hex digits");
        self.record(Kind::Response, uid, (&response.survey, &response.version), &response)
    }

    /// Seals an answer that was given with a letter's code: outside a response like any other.
    pub fn by_letter(&self, letter: &ByLetter) -> Result<Sealed, Refused> {
        let mut letter = letter.clone();
        letter.response.kiosk = Some(self.place.to_owned());
        let response = &letter.response;
        let uid = Uid::from_hex(&response.uid).expect("a response's uid is 32 hex digits");
        self.record(Kind::Response, uid, (&response.survey, &response.version), &letter)
    }

    /// Under a random uid: none that is computed from the response's could be safe from whoever learns
    /// how. A form that is sent again is known by the response's uid, and makes no second one.
    pub fn private(&self, apart: &SetApart, response: &Response) -> Result<Sealed, Refused> {
        let uid = Uid::random();
        let private = apart.under(uid.to_string(), &response.survey, &response.version);
        self.record(Kind::Private, uid, (&response.survey, &response.version), &private)
    }

    /// Seals a sign-up.
    pub fn signup(&self, signup: &SignUp) -> Result<Sealed, Refused> {
        let uid = Uid::from_hex(&signup.uid).expect("a sign-up's uid is 32 hex digits");
        self.record(Kind::Signup, uid, (&signup.survey, &signup.version), signup)
    }

    fn record(
        &self,
        kind: Kind,
        uid: Uid,
        (survey, version): (&str, &str),
        content: &impl serde::Serialize,
    ) -> Result<Sealed, Refused> {
        let label = Label {
            kind,
            uid,
            survey: survey.to_owned(),
            version: version.to_owned(),
            kiosk: self.place.to_owned(),
            epoch: self.epoch,
        };
        let json = serde_json::to_string(content).expect("a record is made of texts");
        envelope::seal(label, &json, self.keys).map_err(|wrong| match wrong {
            SealError::TooLong => Refused::TooLong,
            SealError::Recipients => Refused::NotEnrolled,
        })
    }
}
