//! Links in mails: each opens one thing, for one member, for a while.

use rusqlite::{Connection, OptionalExtension, params};

use super::{Members, Token};
use crate::panel::member::MemberId;
use crate::store::error::StoreError;

/// What a link is for. The words in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Somebody confirms that the address is theirs.
    Confirm,
    /// A member's own page.
    Me,
}

impl Purpose {
    /// How long it is good for, seconds.
    pub fn lives_s(self) -> i64 {
        match self {
            Purpose::Confirm => 14 * 24 * 3600,
            Purpose::Me => 3600,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Purpose::Confirm => "confirm",
            Purpose::Me => "me",
        }
    }
}

/// A link that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub member: MemberId,
    /// The panel that is joined by it.
    pub panel: Option<String>,
}

impl Members {
    /// The link of this token, if it is for `purpose` and `now` (seconds) is not too late.
    pub fn link(
        &self,
        token: Token,
        purpose: Purpose,
        now: i64,
    ) -> Result<Option<Link>, StoreError> {
        find(&self.desk(), token, purpose, now)
    }
}

impl Members {
    /// The mail with this token goes now: its link is good for as long as it promises from here on.
    pub fn link_goes(&self, token: Token, now: i64) -> Result<(), StoreError> {
        let desk = self.desk();
        for purpose in [Purpose::Confirm, Purpose::Me] {
            desk.prepare_cached(
                "UPDATE link SET expires = max(expires, ?3) WHERE hash = ?1 AND purpose = ?2",
            )?
            .execute(params![
                token.hash().0,
                purpose.name(),
                now + purpose.lives_s()
            ])?;
        }
        Ok(())
    }
}

pub(super) fn find(
    desk: &Connection,
    token: Token,
    purpose: Purpose,
    now: i64,
) -> Result<Option<Link>, StoreError> {
    Ok(desk
        .prepare_cached(
            "SELECT member, panel FROM link WHERE hash = ?1 AND purpose = ?2 AND expires > ?3",
        )?
        .query_row(params![token.hash().0, purpose.name(), now], |row| {
            Ok(Link { member: MemberId::of(row.get(0)?), panel: row.get(1)? })
        })
        .optional()?)
}

/// Makes a link for a member. Its token goes into a mail and nowhere else.
pub(super) fn make(
    desk: &Connection,
    member: MemberId,
    purpose: Purpose,
    panel: Option<&str>,
    now: i64,
) -> Result<Token, StoreError> {
    let token = Token::random();
    desk.prepare_cached(
        "INSERT INTO link (hash, member, purpose, panel, expires) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        token.hash().0,
        member.bytes(),
        purpose.name(),
        panel,
        now + purpose.lives_s()
    ])?;
    Ok(token)
}
