//! Reading a survey's answers, one after the other: whoever counts them keeps what counting needs, and never
//! all of them.

use super::Central;
use crate::response::Response;
use crate::store::error::StoreError;

/// An answer as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    pub structure: String,
    /// Its flags are its own and the central's.
    pub response: Response,
}

impl Central {
    /// Gives `each` every answer to a survey that counts: none of staff who tried a kiosk out, none that was
    /// erased. In the order of their random keys. Gives how many there were.
    pub fn each_response(
        &self,
        survey: &str,
        mut each: impl FnMut(Kept),
    ) -> Result<usize, StoreError> {
        let desk = super::connect(&self.path, &Default::default())?;
        let mut query = desk.prepare(
            "SELECT structure, body, flags FROM counted WHERE survey = ?1 AND body IS NOT NULL",
        )?;
        let mut rows = query.query([survey])?;
        let mut count = 0;
        while let Some(row) = rows.next()? {
            let (body, flags): (String, String) = (row.get(1)?, row.get(2)?);
            let mut response: Response = serde_json::from_str(&body).map_err(corrupt)?;
            response.flags = serde_json::from_str(&flags).map_err(corrupt)?;
            each(Kept { structure: row.get(0)?, response });
            count += 1;
        }
        Ok(count)
    }

    /// The numbers of a survey's responses that were erased, 32 hex digits each: what is left of them.
    pub fn erased_responses(&self, survey: &str) -> Result<Vec<String>, StoreError> {
        let desk = super::connect(&self.path, &Default::default())?;
        let mut query = desk.prepare(
            "SELECT lower(hex(uid)) FROM response WHERE survey = ?1 AND erased IS NOT NULL",
        )?;
        let uids = query.query_map([survey], |row| row.get(0))?;
        Ok(uids.collect::<Result<_, _>>()?)
    }
}

fn corrupt(wrong: serde_json::Error) -> StoreError {
    StoreError::Corrupt(format!("an answer that is none: {wrong}"))
}
