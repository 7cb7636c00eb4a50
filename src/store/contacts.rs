//! Contacts and their addresses.

use super::{
    StoreError, Tx,
    conn::{row, sql},
};
use crate::domain::{Address, AddressId, At, ContactId, Language, Scheme, StakeholderGroup, ticket::named};

named! {
    /// Whether an address can still be written to.
    AddressState { Ok = "ok", Stopped = "stopped", Bounced = "bounced" }
}

/// A contact without their addresses.
#[derive(Clone)]
pub struct Contact {
    pub id: ContactId,
    pub name: Option<String>,
    pub stakeholder: Option<StakeholderGroup>,
    pub language: Language,
}

/// One address of a contact.
#[derive(Clone, Debug)]
pub struct KnownAddress {
    pub id: AddressId,
    pub contact: ContactId,
    pub address: Address,
    pub state: AddressState,
    /// Whether its owner wrote from it, or staff entered it.
    pub proven: bool,
}

row! {
    struct ContactRow {
        id: ContactId,
        name_sealed: Option<Vec<u8>>,
        stakeholder: Option<StakeholderGroup>,
        language: Language,
    }
}

row! {
    struct AddressRow {
        id: AddressId,
        contact_id: ContactId,
        scheme: Scheme,
        value_sealed: Vec<u8>,
        state: String,
        proven: bool,
    }
}

/// An address and its contact: id, contact, state, proven; sealed name, group, language.
type SenderRow = (AddressId, ContactId, String, bool, Option<Vec<u8>>, Option<StakeholderGroup>, Language);

const VALUE: &str = "address.value";
const NAME: &str = "contact.name";

impl Tx {
    /// The address with its contact, if it is known; on PostgreSQL the address is locked until the end of the transaction, so
    /// that two messages of one sender are taken in one after the other.
    pub async fn lock_sender(&mut self, address: &Address) -> Result<Option<(KnownAddress, Contact)>, StoreError> {
        let blind = self.blind("address", &address.to_string())?;
        let row = sql!(self, fetch_optional as SenderRow,
            lite "SELECT a.id, a.contact_id, a.state, a.proven, c.name_sealed, c.stakeholder, c.language FROM address a JOIN contact c ON c.id = a.contact_id WHERE a.value_blind = $1"
            pg "SELECT a.id, a.contact_id, a.state, a.proven, c.name_sealed, c.stakeholder, c.language FROM address a JOIN contact c ON c.id = a.contact_id WHERE a.value_blind = $1 FOR UPDATE OF a",
            blind)?;
        let Some((id, contact, state, proven, name, stakeholder, language)) = row else { return Ok(None) };
        let state = state.parse().map_err(|()| StoreError::Corrupt("address.state".into()))?;
        let name = self.open_some(NAME, contact.0, name.as_deref())?;
        let known = KnownAddress { id, contact, address: address.clone(), state, proven };
        Ok(Some((known, Contact { id: contact, name, stakeholder, language })))
    }

    pub async fn find_address(&mut self, address: &Address) -> Result<Option<KnownAddress>, StoreError> {
        let blind = self.blind("address", &address.to_string())?;
        let row = sql!(
            self,
            fetch_optional as AddressRow,
            "SELECT id, contact_id, scheme, value_sealed, state, proven FROM address WHERE value_blind = $1",
            blind
        )?;
        row.map(|row| self.open_address(row)).transpose()
    }

    fn open_address(&self, row: AddressRow) -> Result<KnownAddress, StoreError> {
        let value = self.open(VALUE, row.id.0, &row.value_sealed)?;
        let address = Address::new(row.scheme, &value).map_err(|e| StoreError::Corrupt(format!("address: {e}")))?;
        let state = row.state.parse().map_err(|()| StoreError::Corrupt("address.state".into()))?;
        Ok(KnownAddress { id: row.id, contact: row.contact_id, address, state, proven: row.proven })
    }

    pub async fn insert_contact(&mut self, contact: &Contact, now: At) -> Result<(), StoreError> {
        let name = self.seal_some(NAME, contact.id.0, contact.name.as_deref())?;
        sql!(
            self,
            execute,
            "INSERT INTO contact (id, name_sealed, stakeholder, language, created_at) VALUES ($1, $2, $3, $4, $5)",
            contact.id,
            name,
            contact.stakeholder,
            contact.language,
            now
        )?;
        Ok(())
    }

    /// Adds an address to a contact; rank 0 is the one they wrote from, which proves it; a portal's is
    /// made by us. An address that already belongs to somebody stays with them: the answer is then
    /// `None`, and nothing changed.
    pub async fn insert_address(
        &mut self,
        contact: ContactId,
        address: &Address,
        rank: i32,
        now: At,
    ) -> Result<Option<KnownAddress>, StoreError> {
        let (id, proven) = (AddressId::new(&self.world), rank == 0 || address.scheme() == Scheme::Portal);
        let sealed = self.seal(VALUE, id.0, address.value().as_bytes())?;
        let blind = self.blind("address", &address.to_string())?;
        let added = sql!(
            self,
            execute,
            "INSERT INTO address (id, contact_id, scheme, value_sealed, value_blind, rank, state, proven, created_at) VALUES ($1, $2, $3, $4, $5, $6, 'ok', $7, $8) ON CONFLICT (value_blind) DO NOTHING",
            id,
            contact,
            address.scheme(),
            sealed,
            blind,
            rank,
            proven,
            now
        )?;
        Ok((added == 1).then(|| KnownAddress { id, contact, address: address.clone(), state: AddressState::Ok, proven }))
    }

    /// Takes it that the address is its contact's own.
    pub async fn prove_address(&mut self, id: AddressId) -> Result<(), StoreError> {
        sql!(self, execute, "UPDATE address SET proven = TRUE WHERE id = $1", id)?;
        Ok(())
    }

    /// Gives an address that somebody else had named as theirs to the contact who really wrote from it.
    pub async fn rehome_address(&mut self, id: AddressId, contact: ContactId) -> Result<(), StoreError> {
        sql!(self, execute, "UPDATE address SET contact_id = $2, proven = TRUE, rank = 0 WHERE id = $1", id, contact)?;
        Ok(())
    }

    /// Sets the name and group of a contact where they were not known.
    pub async fn complete_contact(&mut self, id: ContactId, name: Option<&str>, group: Option<StakeholderGroup>) -> Result<(), StoreError> {
        let name = self.seal_some(NAME, id.0, name)?;
        sql!(
            self,
            execute,
            "UPDATE contact SET name_sealed = COALESCE(name_sealed, $2), stakeholder = COALESCE(stakeholder, $3) WHERE id = $1",
            id,
            name,
            group
        )?;
        Ok(())
    }

    pub async fn contact(&mut self, id: ContactId) -> Result<Contact, StoreError> {
        let row = sql!(self, fetch_one as ContactRow, "SELECT id, name_sealed, stakeholder, language FROM contact WHERE id = $1", id)?;
        Ok(Contact {
            id: row.id,
            name: self.open_some(NAME, row.id.0, row.name_sealed.as_deref())?,
            stakeholder: row.stakeholder,
            language: row.language,
        })
    }

    /// All addresses of a contact, the preferred first.
    pub async fn addresses(&mut self, contact: ContactId) -> Result<Vec<KnownAddress>, StoreError> {
        let rows = sql!(
            self,
            fetch_all as AddressRow,
            "SELECT id, contact_id, scheme, value_sealed, state, proven FROM address WHERE contact_id = $1 ORDER BY rank, id",
            contact
        )?;
        rows.into_iter().map(|row| self.open_address(row)).collect()
    }

    /// The address with this id, then all those of the contact, the preferred first.
    pub async fn ways_to(&mut self, id: AddressId, contact: ContactId) -> Result<Vec<KnownAddress>, StoreError> {
        let rows = sql!(
            self,
            fetch_all as AddressRow,
            "SELECT id, contact_id, scheme, value_sealed, state, proven FROM address WHERE id = $1 OR contact_id = $2 ORDER BY (id = $1) DESC, rank, id",
            id,
            contact
        )?;
        rows.into_iter().map(|row| self.open_address(row)).collect()
    }

    pub async fn set_address_state(&mut self, id: AddressId, state: AddressState) -> Result<(), StoreError> {
        sql!(self, execute, "UPDATE address SET state = $2 WHERE id = $1", id, state.as_str())?;
        Ok(())
    }
}
