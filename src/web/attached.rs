//! The files of a form: those that came with it, and those that came before and were held through a fault.

use super::{
    Web,
    pages::KeptFile,
    sheet::{FILES, Sheet},
};
use crate::channel::portal::FormFile;

/// Files that are stored and not yet on a message.
#[derive(Default)]
pub(super) struct Attached {
    /// With the token under which each is held.
    held: Vec<(String, FormFile)>,
    new: Vec<FormFile>,
    /// The key of what is wrong with them.
    pub fault: Option<&'static str>,
    /// The store would not take one: the form must be sent again.
    pub lost: bool,
}

impl Attached {
    /// Stores the files that came with the form, and finds those that were held.
    pub(super) async fn store(web: &Web, sheet: &mut Sheet) -> Self {
        let mut attached = Self { fault: sheet.fault, ..Self::default() };
        for token in sheet.all("kept").take(FILES) {
            match web.intake.held_upload(token).await {
                Ok(Some(file)) => attached.held.push((token.to_owned(), file)),
                Ok(None) => {}
                Err(error) => attached.lose(&error),
            }
        }
        for given in std::mem::take(&mut sheet.files) {
            if attached.held.len() + attached.new.len() == FILES {
                attached.fault = Some("fault-too_many_files");
                break;
            }
            match web.intake.keep_file(&given.name, &given.content_type, given.bytes).await {
                Ok(file) => attached.new.push(file),
                Err(error) => attached.lose(&error),
            }
        }
        attached
    }

    fn lose(&mut self, error: &dyn std::fmt::Display) {
        tracing::error!(%error, "an uploaded file could not be stored");
        self.lost = true;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty() && self.new.is_empty()
    }

    /// All files, for the message.
    pub(super) fn files(&self) -> Vec<FormFile> {
        self.held.iter().map(|(_, file)| file).chain(&self.new).cloned().collect()
    }

    /// Holds them for the form that goes back.
    pub(super) async fn hold(mut self, web: &Web) -> Vec<KeptFile> {
        for file in std::mem::take(&mut self.new) {
            match web.intake.hold_upload(&file).await {
                Ok(token) => self.held.push((token, file)),
                Err(error) => self.lose(&error),
            }
        }
        self.held.into_iter().map(|(token, file)| KeptFile { token, name: file.name, size: file.size }).collect()
    }
}
