//! An answer in the table `response`: its columns, and answers that come straight from homes.

use std::path::PathBuf;

use rusqlite::{Connection, params};

use super::restore::is_uid_erased;
use super::{private, sealed};
use crate::crypto::{self, Digest};
use crate::response::record::Status;
use crate::response::{Private, Response};
use crate::store::error::StoreError;
use crate::store::record::{Sealed, Uid};
use crate::store::sqlite::Options;
use crate::store::writer::{Stored, Table};

/// A response that was judged against its survey.
#[derive(Debug, Clone, PartialEq)]
pub struct Accepted {
    /// The structure of the version it names.
    pub structure: String,
    pub response: Response,
    /// What the central knows beside the response's own flags, as in `late`.
    pub flags: Vec<String>,
}

/// A form from a home: stored whole or not at all.
#[derive(Debug, Clone, PartialEq)]
pub enum Form {
    Open(Box<OpenForm>),
    /// Sealed before it came here, to be opened elsewhere.
    Sealed {
        response: Sealed,
        apart: Vec<Sealed>,
    },
}

/// A form that is kept where everything is open.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenForm {
    /// Its uid is the form's: where it is known, so is everything else, and nothing is stored again.
    pub accepted: Accepted,
    /// Private records that were set apart from it.
    pub private: Vec<Private>,
}

impl From<Accepted> for Form {
    fn from(accepted: Accepted) -> Form {
        Form::Open(Box::new(OpenForm { accepted, private: Vec::new() }))
    }
}

impl Form {
    fn uid(&self) -> Result<Uid, StoreError> {
        match self {
            Form::Open(form) => form.accepted.uid(),
            Form::Sealed { response, .. } => Ok(response.label.uid),
        }
    }
}

impl Accepted {
    /// The response's uid; an error where it is none.
    pub fn uid(&self) -> Result<Uid, StoreError> {
        Uid::from_hex(&self.response.uid)
            .ok_or_else(|| StoreError::Sql(format!("{:?} is no uid", self.response.uid)))
    }

    /// Its own flags and the central's, each once.
    fn all_flags(&self) -> Vec<&str> {
        let mut flags: Vec<&str> =
            self.response.flags.iter().chain(&self.flags).map(String::as_str).collect();
        flags.sort_unstable();
        flags.dedup();
        flags
    }
}

/// What of a response's row takes time to make. Made before anything is locked: while one batch is written all
/// others wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Random: a rising one would tell in which order people answered.
    id: i64,
    background: String,
    body: String,
    flags: String,
}

impl Written {
    /// Of a response and what the central knows beside it.
    pub fn of(accepted: &Accepted) -> Result<Written, StoreError> {
        let json = |wrong: serde_json::Error| StoreError::Sql(wrong.to_string());
        Ok(Written {
            id: (u64::from_le_bytes(crypto::random()) >> 1) as i64,
            background: serde_json::to_string(&accepted.response.background).map_err(json)?,
            body: serde_json::to_string(&accepted.response).map_err(json)?,
            flags: serde_json::to_string(&accepted.all_flags()).map_err(json)?,
        })
    }
}

/// Writes the row.
pub(super) fn insert(desk: &Connection, accepted: &Accepted) -> Result<(), StoreError> {
    insert_written(desk, accepted, &Written::of(accepted)?, None)
}

/// Writes the row.
///
/// `content` is what came under its uid from a kiosk; none where it came from a home, or where the table
/// `content` has it.
pub(super) fn insert_written(
    desk: &Connection,
    accepted: &Accepted,
    written: &Written,
    content: Option<Digest>,
) -> Result<(), StoreError> {
    let response = &accepted.response;
    desk.prepare_cached(
        "INSERT INTO response (id, uid, survey, version, structure, channel, invited, status,
             kiosk, day, lang, duration_s, background, body, flags, content)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
    )?
    .execute(params![
        written.id,
        accepted.uid()?.0,
        response.survey,
        response.version,
        accepted.structure,
        response.channel,
        response.invited,
        status_name(response.status),
        response.kiosk,
        response.day,
        response.lang,
        response.duration_s,
        written.background,
        written.body,
        written.flags,
        content.map(|digest| digest.0),
    ])?;
    Ok(())
}

/// Whether a response has this uid, erased or not; also one from a home that was erased elsewhere.
pub(super) fn exists(desk: &Connection, uid: Uid) -> Result<bool, StoreError> {
    let mut query = desk.prepare_cached(
        "SELECT 1 FROM response WHERE uid = ?1
         UNION ALL SELECT 1 FROM erased_elsewhere WHERE uid = ?1 AND sha256 = x''",
    )?;
    Ok(query.exists([uid.0])?)
}

fn status_name(status: Status) -> &'static str {
    match status {
        Status::Complete => "complete",
        Status::Partial => "partial",
        Status::Screened => "screened",
    }
}

/// How the writer writes answers from homes.
pub(super) struct Homes {
    pub path: PathBuf,
    pub options: Options,
}

impl Table for Homes {
    type Row = Form;

    fn connect(&self) -> Result<Connection, StoreError> {
        super::connect_to_write(&self.path, &self.options)
    }

    fn insert(&self, connection: &Connection, form: &Form) -> Result<Stored, StoreError> {
        let uid = form.uid()?;
        let is_known = exists(connection, uid)? || sealed::exists(connection, uid)?;
        if is_known || is_uid_erased(connection, uid)? {
            return Ok(Stored::Known);
        }
        match form {
            Form::Open(form) => {
                insert(connection, &form.accepted)?;
                form.private.iter().try_for_each(|record| private::insert(connection, record))?;
            }
            Form::Sealed { response, apart } => {
                let mut all = std::iter::once(response).chain(apart);
                all.try_for_each(|record| sealed::insert(connection, record, None))?;
            }
        }
        Ok(Stored::New)
    }

    fn bytes(&self, form: &Form) -> usize {
        // About: a group's size is a matter of taste, not of safety.
        match form {
            Form::Open(form) => {
                1024 * (1 + form.private.len()) + 64 * form.accepted.response.answers.len()
            }
            Form::Sealed { response, apart } => {
                response.body.len() + apart.iter().map(|record| record.body.len()).sum::<usize>()
            }
        }
    }
}
