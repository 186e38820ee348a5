//! The key that chooses who is held back, and the keys of other campaigns.

use std::path::Path;

use crate::campaigns::control::ControlKey;
use crate::campaigns::notices::Notice;
use crate::campaigns::options::CampaignOptions;
use crate::error::{Error, Result};
use crate::files::directory::visible_names;
use crate::history::PublishedCampaign;

/// # Errors
/// A config error where the file of the key cannot be read, or is empty.
pub(super) fn key(options: &CampaignOptions) -> Result<ControlKey> {
    let read = |path: &String| {
        let wrong =
            |cause: String| Error::config(format!("`campaign.control_key_file`: `{path}` cannot be used")).cause(cause);
        std::fs::read(path).map_err(|error| wrong(error.to_string()))
    };
    let bytes = options.control_key_file.as_ref().map(read).transpose()?;
    ControlKey::new(bytes.as_deref()).ok_or_else(|| {
        let path = options.control_key_file.as_deref().unwrap_or_default();
        Error::config(format!("`campaign.control_key_file`: `{path}` is empty"))
            .hint("make a key with `openssl rand -hex 32`")
    })
}

/// Other campaigns next to this one that held back customers by another key.
pub(super) fn other_keys(campaigns: &Path, name: &str, options: &CampaignOptions, key: &ControlKey) -> Option<Notice> {
    if options.control_share <= 0.0 {
        return None;
    }
    let names = visible_names(campaigns).unwrap_or_default();
    let differs = |other: &String| {
        let campaign = PublishedCampaign::open(&campaigns.join(other)).ok();
        let manifest = campaign.as_ref().map(PublishedCampaign::manifest);
        manifest.is_some_and(|manifest| {
            let is_other = manifest.control_key.as_deref().is_some_and(|other| other != key.fingerprint());
            is_other && manifest.settings.control_share > 0.0
        })
    };
    let others: Vec<String> = names.into_iter().filter(|other| other != name).filter(differs).collect();
    (!others.is_empty()).then_some(Notice::ControlKeyDiffers { campaigns: others })
}
