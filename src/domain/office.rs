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

/// The whole office as configured.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Office {
    pub name: Bilingual,
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
