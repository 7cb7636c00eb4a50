//! The office: sites, departments, people and what they may do there, as the configuration gives them.

use super::{Bilingual, Key, Kind, ticket::named};
use serde::{Deserialize, Serialize};

named! {
    /// What a member of staff is here for.
    Role {
        /// Answers for a department (ضابط اتصال).
        Officer = "officer",
        /// Logs visits and calls (موظف علاقات المستفيدين).
        Clerk = "clerk",
        /// Follows every ticket up (مشرف مركز القياس).
        Supervisor = "supervisor",
        /// Reads figures and handles emergencies (المدير العام).
        Manager = "manager",
        /// People, departments, rules, channels; everything the others may.
        Admin = "admin",
    }
}

/// How a department chooses the owner of a new ticket.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnerBy {
    /// The first of its officers who is present.
    #[default]
    Main,
    /// Each in turn.
    Rota,
    /// The one with the fewest open tickets.
    FewestOpen,
}

/// A field of work.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Department {
    pub key: Key,
    pub name: Bilingual,
    /// Keys of its officers, the main one first.
    #[serde(default)]
    pub officers: Vec<Key>,
    #[serde(default)]
    pub owner_by: OwnerBy,
}

/// An office building or branch.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    pub key: Key,
    pub name: Bilingual,
}

/// A member of staff as the configuration names them; their account lives in the database.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Officer {
    pub key: Key,
    pub name: Bilingual,
    pub role: Role,
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    pub site: Option<Key>,
}

impl std::fmt::Debug for Officer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Officer").field("key", &self.key).field("role", &self.role).finish_non_exhaustive()
    }
}

/// How people reach the office otherwise than by writing here; shown as it stands.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ContactPoint {
    /// As people dial them.
    pub phones: Vec<String>,
    /// In the place of our first mailbox.
    pub email: Option<String>,
    /// Opening hours in words.
    pub hours: Option<Bilingual>,
    /// Where the office is, in words.
    pub address: Option<Bilingual>,
}

impl ContactPoint {
    /// A telephone number as a device dials it: digits, and the `+` before them (RFC 3966 §5.1.4 without its separators). `None`
    /// for what nobody can dial: other signs than those between digits, or fewer than three or more than fifteen digits.
    pub fn dialled(phone: &str) -> Option<String> {
        let phone = super::folding::latin_digits(phone.trim());
        let fits = phone.chars().enumerate().all(|(place, c)| c.is_ascii_digit() || " -()".contains(c) || (c == '+' && place == 0));
        let dialled: String = phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
        let digits = dialled.trim_start_matches('+').len();
        (fits && (3..=15).contains(&digits)).then_some(dialled)
    }
}

/// The whole office as configured.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Office {
    pub name: Bilingual,
    pub contact: ContactPoint,
    pub sites: Vec<Site>,
    pub departments: Vec<Department>,
    pub staff: Vec<Officer>,
    pub kinds: Vec<Kind>,
    /// Who owns what nothing else gives an owner: the key of a supervisor or administrator.
    pub fallback_owner: Key,
    /// The department that such tickets go to.
    pub fallback_department: Key,
}

impl Office {
    pub fn department(&self, key: &Key) -> Option<&Department> {
        self.departments.iter().find(|d| d.key == *key)
    }

    pub fn kind(&self, key: &str) -> Option<&Kind> {
        self.kinds.iter().find(|k| k.key.as_str() == key)
    }

    pub fn site(&self, key: &str) -> Option<&Site> {
        self.sites.iter().find(|s| s.key.as_str() == key)
    }

    /// The departments that a member of staff answers for.
    pub fn departments_of<'a>(&'a self, officer: &'a Key) -> impl Iterator<Item = &'a Department> {
        self.departments.iter().filter(move |d| d.officers.contains(officer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_dialled_without_what_people_write_between_its_digits() {
        for (written, dialled) in [
            ("013 766 0069", Some("0137660069")),
            ("+966 (13) 766-0069", Some("+966137660069")),
            ("٩٢٠٠١٢٣٤٥", Some("920012345")),
            ("937", Some("937")),
            ("12", None),
            ("1+1", None),
            ("call us", None),
            ("013 766 0069 ext 4", None),
            ("1234567890123456", None),
            ("", None),
        ] {
            assert_eq!(ContactPoint::dialled(written).as_deref(), dialled, "{written}");
        }
    }
}
