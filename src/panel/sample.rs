//! Made-up members for the tests of this room.

use jiff::civil::date;

use super::email::Email;
use super::member::{Member, MemberId, Membership};
use crate::response::targets::Targets;

/// A member of these panels, told from others by `number`.
pub fn member(number: u32, panels: &[&str]) -> Member {
    let mut id = [0; 16];
    id[..4].copy_from_slice(&number.to_be_bytes());
    let membership = |panel: &&str| Membership {
        panel: (*panel).to_owned(),
        since: date(2026, 1, 1),
        consent: "1".to_owned(),
    };
    Member {
        id: MemberId::of(id),
        email: Email::read(&format!("m{number}@example.dk")).expect("an address"),
        birth_year: 1980,
        gender: Some("female".to_owned()),
        district: Some("valby".to_owned()),
        education: Some("vocational".to_owned()),
        lang: "da".to_owned(),
        memberships: panels.iter().map(membership).collect(),
    }
}

/// The targets that the project ships.
pub fn targets() -> Targets {
    let text = include_str!("../../content/targets/koebenhavn.csv");
    Targets::read(text).expect("a targets file")
}
