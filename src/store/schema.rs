//! The migrations, compiled into the program.

use super::conn::Dialect;
use sqlx::{
    SqlStr,
    migrate::{Migration, MigrationType, Migrator},
};

/// A migration: its number, its name, and its text for SQLite and for PostgreSQL. A test holds this against the folders.
type Step = (i64, &'static str, &'static str, &'static str);

const STEPS: &[Step] =
    &[(1, "begin", include_str!("../../migrations/sqlite/0001_begin.sql"), include_str!("../../migrations/postgres/0001_begin.sql"))];

pub(super) fn migrations(dialect: Dialect) -> Migrator {
    let migration = |&(number, name, lite, pg): &Step| {
        let text = match dialect {
            Dialect::Lite => lite,
            Dialect::Pg => pg,
        };
        Migration::new(number, name.into(), MigrationType::Simple, SqlStr::from_static(text), false)
    };
    Migrator::with_migrations(STEPS.iter().map(migration).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_folders_is_compiled_in() {
        for (folder, dialect) in [("migrations/sqlite", Dialect::Lite), ("migrations/postgres", Dialect::Pg)] {
            let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
            files.sort();
            let on_disk: Vec<_> = files
                .iter()
                .map(|file| (file.file_stem().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(file).unwrap()))
                .collect();
            let compiled: Vec<_> = migrations(dialect)
                .migrations
                .iter()
                .map(|m| (format!("{:04}_{}", m.version, m.description), m.sql.as_str().to_owned()))
                .collect();
            assert_eq!(on_disk, compiled, "a migration must stand in src/store/schema.rs and in both folders");
        }
    }
}
