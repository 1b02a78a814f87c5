//! Who may use the central's staff pages, and what of it each may see.
//!
//! What is of one panel is asked for with a [`Pass`], and only [`Staff::pass`] makes one: a room that forgets
//! to ask does not compile.

use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};
use serde::Serialize;

use super::Central;
use super::log::{self, Entry};
use crate::crypto::totp::Secret;
use crate::crypto::{PinHash, random};
use crate::store::error::StoreError;

/// Who the names of a log's lines are taken for, besides staff; nobody of the staff may be called so.
const TAKEN: [&str; 5] = ["console", "nobody", "staff", "system", "web"];
/// The longest name, in characters.
const NAME_MAX: usize = 40;

/// What somebody of the staff may see and do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// Everything: the fleet, the surveys of all, the audit log.
    Administrator,
    /// What is of these panels, by slug.
    Panels(Vec<String>),
}

/// Somebody of the staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    pub name: String,
    pub role: Role,
}

/// The right to see one panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pass<'a>(&'a str);

impl Pass<'_> {
    /// The panel's slug.
    pub fn panel(&self) -> &str {
        self.0
    }
}

impl Staff {
    /// Whether this is somebody who may do everything.
    pub fn is_administrator(&self) -> bool {
        self.role == Role::Administrator
    }

    /// Whether what is of this panel is theirs to see.
    pub fn may_see(&self, panel: &str) -> bool {
        match &self.role {
            Role::Administrator => true,
            Role::Panels(own) => own.iter().any(|slug| slug == panel),
        }
    }

    /// Whether what is of all these panels together is theirs to see: a survey that asks members of others,
    /// too, and one that asks everybody, is the administrators'.
    pub fn may_see_all(&self, panels: &[String]) -> bool {
        let own = !panels.is_empty() && panels.iter().all(|panel| self.may_see(panel));
        self.is_administrator() || own
    }

    /// The right to see this panel, where it is theirs.
    pub fn pass<'a>(&self, panel: &'a str) -> Option<Pass<'a>> {
        self.may_see(panel).then_some(Pass(panel))
    }
}

/// A name as it is kept: in small letters, without what would be mistaken in a log; none where it is none.
pub fn read_name(typed: &str) -> Option<String> {
    let name = typed.trim().to_lowercase();
    let sound = |letter: char| letter.is_alphanumeric() || ".-_@".contains(letter);
    let fits = (1..=NAME_MAX).contains(&name.chars().count()) && name.chars().all(sound);
    let begins = name.chars().next().is_some_and(char::is_alphanumeric);
    (fits && begins && !TAKEN.contains(&&*name)).then_some(name)
}

/// Changes with all that ends sessions: a new password, a second factor, another role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp([u8; 16]);

impl Stamp {
    /// One that nobody has.
    pub fn fresh() -> Stamp {
        Stamp(random())
    }
}

/// Somebody of the staff with what opens the door to them.
#[derive(Debug, Clone)]
pub struct Account {
    pub staff: Staff,
    pub hash: PinHash,
    /// The password was given by somebody else, for one login.
    pub must_change: bool,
    pub factor: Option<Secret>,
    pub stamp: Stamp,
    /// The day they were added, `YYYY-MM-DD`.
    pub created: String,
}

/// A line of the list of staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    pub name: String,
    /// `administrator` or `panels`.
    pub role: &'static str,
    pub panels: Vec<String>,
    pub second_factor: bool,
    /// Has not logged in with the one-time password yet.
    pub must_change: bool,
    pub created: String,
}

/// A password as it is kept.
#[derive(Debug, Clone)]
pub enum Password {
    /// Printed for somebody, who has to choose another at once.
    OneTime(PinHash),
    Own(PinHash),
}

impl Password {
    fn parts(&self) -> (String, bool) {
        match self {
            Password::OneTime(hash) => (hash.to_string(), true),
            Password::Own(hash) => (hash.to_string(), false),
        }
    }
}

const ACCOUNT: &str =
    "SELECT name, role, panels, hash, must_change, factor, stamp, created FROM staff";

impl Central {
    /// Somebody of the staff, by the name that [`read_name`] gives.
    pub fn account(&self, name: &str) -> Result<Option<Account>, StoreError> {
        let desk = self.desk();
        let mut query = desk.prepare_cached(&format!("{ACCOUNT} WHERE name = ?1"))?;
        query.query_row([name], |row| Ok(account(row))).optional()?.transpose()
    }

    /// Everybody of the staff, by name.
    pub fn staff(&self) -> Result<Vec<Listed>, StoreError> {
        let desk = self.desk();
        let mut query = desk.prepare(&format!("{ACCOUNT} ORDER BY name"))?;
        let accounts = query.query_map([], |row| Ok(account(row)))?;
        accounts.map(|account| Ok(listed(account??))).collect()
    }

    /// Adds somebody. False where the name is taken.
    pub fn add_staff(
        &self,
        staff: &Staff,
        password: &Password,
        day: &str,
        entry: &Entry,
    ) -> Result<bool, StoreError> {
        let (role, panels) = match &staff.role {
            Role::Administrator => ("administrator", &[] as &[String]),
            Role::Panels(panels) => ("panels", panels.as_slice()),
        };
        let panels = serde_json::to_string(panels).expect("slugs are texts");
        let (hash, must_change) = password.parts();
        self.change_staff(entry, |desk| {
            Ok(desk.execute(
                "INSERT INTO staff (name, role, panels, hash, must_change, stamp, created)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
                params![staff.name, role, panels, hash, must_change, Stamp::fresh().0, day],
            )?)
        })
    }

    /// Gives somebody another password, which ends their sessions. False where there is nobody of the name.
    pub fn set_password(
        &self,
        name: &str,
        password: &Password,
        entry: &Entry,
    ) -> Result<bool, StoreError> {
        let (hash, must_change) = password.parts();
        self.change_staff(entry, |desk| {
            Ok(desk.execute(
                "UPDATE staff SET hash = ?2, must_change = ?3, stamp = ?4 WHERE name = ?1",
                params![name, hash, must_change, Stamp::fresh().0],
            )?)
        })
    }

    /// Turns the second factor on or off, which ends their sessions. `used` is the step of the code that
    /// showed that the secret arrived. False where there is nobody of the name, or nothing to turn off.
    pub fn set_factor(
        &self,
        name: &str,
        factor: Option<(&Secret, i64)>,
        entry: &Entry,
    ) -> Result<bool, StoreError> {
        let (secret, used) =
            factor.map_or((None, 0), |(secret, used)| (Some(secret.bytes()), used));
        self.change_staff(entry, |desk| {
            Ok(desk.execute(
                "UPDATE staff SET factor = ?2, factor_step = ?3, stamp = ?4
                 WHERE name = ?1 AND (?2 IS NOT NULL OR factor IS NOT NULL)",
                params![name, secret, used, Stamp::fresh().0],
            )?)
        })
    }

    /// Uses up the code of this step. False where it, or a later one, was used before.
    pub fn use_step(&self, name: &str, step: i64) -> Result<bool, StoreError> {
        self.write(|desk| {
            let used = desk.execute(
                "UPDATE staff SET factor_step = ?2 WHERE name = ?1 AND factor_step < ?2",
                params![name, step],
            )?;
            Ok(used == 1)
        })
    }

    /// Takes somebody off the staff, which ends their sessions. False where there is nobody of the name.
    pub fn remove_staff(&self, name: &str, entry: &Entry) -> Result<bool, StoreError> {
        self.change_staff(entry, |desk| {
            Ok(desk.execute("DELETE FROM staff WHERE name = ?1", [name])?)
        })
    }

    /// A change and its line in the log, in one transaction; neither where nothing changes.
    fn change_staff(
        &self,
        entry: &Entry,
        change: impl Fn(&Connection) -> Result<usize, StoreError>,
    ) -> Result<bool, StoreError> {
        self.write(|desk| {
            let transaction = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
            if change(&transaction)? == 0 {
                return Ok(false);
            }
            log::append(&transaction, entry)?;
            transaction.commit()?;
            Ok(true)
        })
    }
}

/// A row of [`ACCOUNT`].
fn account(row: &Row<'_>) -> Result<Account, StoreError> {
    let name: String = row.get(0)?;
    let damaged = |what: &str| StoreError::Corrupt(format!("the {what} of {name} of the staff"));
    let (role, panels): (String, String) = (row.get(1)?, row.get(2)?);
    let panels = serde_json::from_str(&panels).map_err(|_| damaged("panels"))?;
    let hash: String = row.get(3)?;
    let factor: Option<Vec<u8>> = row.get(5)?;
    let factor = factor.map(|bytes| Secret::from_bytes(&bytes).ok_or_else(|| damaged("secret")));
    Ok(Account {
        hash: PinHash::read(&hash).ok_or_else(|| damaged("password"))?,
        must_change: row.get(4)?,
        factor: factor.transpose()?,
        stamp: Stamp(row.get(6)?),
        created: row.get(7)?,
        staff: Staff {
            role: if role == "administrator" { Role::Administrator } else { Role::Panels(panels) },
            name,
        },
    })
}

fn listed(account: Account) -> Listed {
    let (role, panels) = match account.staff.role {
        Role::Administrator => ("administrator", Vec::new()),
        Role::Panels(panels) => ("panels", panels),
    };
    Listed {
        name: account.staff.name,
        role,
        panels,
        second_factor: account.factor.is_some(),
        must_change: account.must_change,
        created: account.created,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(panels: &[&str]) -> Staff {
        let panels = panels.iter().map(|slug| (*slug).to_owned()).collect();
        Staff { name: "anna".to_owned(), role: Role::Panels(panels) }
    }

    #[test]
    fn somebody_of_a_panel_sees_that_panel_and_no_other() {
        let slugs = |slugs: &[&str]| slugs.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        let anna = of(&["valby"]);
        assert!(anna.may_see("valby") && !anna.may_see("amager") && !anna.may_see(""));
        assert!(anna.pass("amager").is_none());
        assert_eq!(
            anna.pass("valby").map(|pass| pass.panel().to_owned()).as_deref(),
            Some("valby")
        );
        assert!(anna.may_see_all(&slugs(&["valby"])));
        assert!(!anna.may_see_all(&slugs(&["valby", "amager"])) && !anna.may_see_all(&[]));
        assert!(!of(&[]).may_see("valby"));
        let boss = Staff { name: "bo".to_owned(), role: Role::Administrator };
        assert!(boss.may_see("valby") && boss.may_see_all(&[]));
    }

    #[test]
    fn names_are_kept_one_way_and_none_is_mistaken_in_the_log() {
        assert_eq!(read_name(" Søren.B@kk.dk ").as_deref(), Some("søren.b@kk.dk"));
        for wrong in ["", "console", "Nobody", "a b", "a\nb", "<b>", "-a", &"a".repeat(41)] {
            assert_eq!(read_name(wrong), None, "{wrong:?}");
        }
    }
}
