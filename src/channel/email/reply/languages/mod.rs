//! The words, language by language. To add a language, give it a constant and name it here; a list of it may be empty. All in
//! lower case.

mod east;
mod west;

use super::words::Language;

pub static LANGUAGES: [Language; 26] = [
    west::ENGLISH,
    east::ARABIC,
    west::FRENCH,
    west::GERMAN,
    west::SPANISH,
    west::PORTUGUESE,
    west::ITALIAN,
    west::DUTCH,
    east::TURKISH,
    east::PERSIAN,
    east::URDU,
    east::POLISH,
    east::CZECH_SLOVAK,
    west::DANISH_NORWEGIAN,
    west::SWEDISH,
    west::FINNISH_ESTONIAN,
    east::RUSSIAN_UKRAINIAN_BULGARIAN,
    east::HUNGARIAN,
    west::ROMANIAN,
    east::GREEK,
    east::CHINESE,
    east::JAPANESE,
    east::KOREAN,
    east::HEBREW,
    east::THAI_VIETNAMESE_INDONESIAN_MALAY_FILIPINO,
    east::HINDI_BENGALI,
];
