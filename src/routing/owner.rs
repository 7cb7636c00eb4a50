//! Which officer of a department gets a ticket.

use crate::domain::{At, Bilingual, Department, PersonId, Reason, office::OwnerBy};

/// An officer of the department, in the department's order.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub id: PersonId,
    pub name: Bilingual,
    pub present: bool,
    pub open: i64,
    pub last_assigned_at: Option<At>,
}

/// The owner and why it is them; `None` when nobody of the department is present.
pub fn choose_owner(department: &Department, candidates: &[Candidate]) -> Option<(PersonId, Vec<Reason>)> {
    let mut present: Vec<&Candidate> = candidates.iter().filter(|c| c.present).collect();
    let chosen = match department.owner_by {
        OwnerBy::Main => present.first().copied(),
        // Stable sorts: the department's own order decides between equals.
        OwnerBy::Rota => {
            present.sort_by_key(|c| c.last_assigned_at);
            present.first().copied()
        }
        OwnerBy::FewestOpen => {
            present.sort_by_key(|c| (c.open, c.last_assigned_at));
            present.first().copied()
        }
    }?;
    let how = match department.owner_by {
        OwnerBy::Main => "main",
        OwnerBy::Rota => "rota",
        OwnerBy::FewestOpen => "fewest_open",
    };
    let main = candidates.first().filter(|main| department.owner_by == OwnerBy::Main && main.id != chosen.id);
    let reason = match main {
        Some(absent) => Reason::new("absent", absent.name.clone()),
        None => Reason::new(how, department.name.clone()),
    };
    Some((chosen.id, vec![reason]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Key;

    fn department(owner_by: OwnerBy) -> Department {
        Department { key: Key::parse("aid").unwrap(), name: Bilingual::new("المساعدات", "Aid"), officers: vec![], owner_by }
    }

    fn candidate(n: u128, present: bool, open: i64, last: Option<i64>) -> Candidate {
        Candidate { id: PersonId(uuid::Uuid::from_u128(n)), name: Bilingual::default(), present, open, last_assigned_at: last.map(At) }
    }

    #[test]
    fn the_absent_are_passed_over_and_it_is_said() {
        let all = [candidate(1, false, 0, None), candidate(2, true, 9, None)];
        let (owner, reasons) = choose_owner(&department(OwnerBy::Main), &all).unwrap();
        assert_eq!((owner, reasons[0].name.as_str()), (all[1].id, "absent"));
        assert!(choose_owner(&department(OwnerBy::Main), &all[..1]).is_none());
    }

    #[test]
    fn the_rota_takes_who_waited_longest_and_the_load_who_has_least() {
        let all = [candidate(1, true, 1, Some(30)), candidate(2, true, 5, Some(10)), candidate(3, true, 2, Some(20))];
        assert_eq!(choose_owner(&department(OwnerBy::Rota), &all).unwrap().0, all[1].id);
        assert_eq!(choose_owner(&department(OwnerBy::FewestOpen), &all).unwrap().0, all[0].id);
        assert_eq!(choose_owner(&department(OwnerBy::Main), &all).unwrap().0, all[0].id);
    }
}
