//! Campaigns next to the dates: published in every way, brought back, refused, verified.

use super::*;
use crate::publish::CAMPAIGNS;
use crate::publish::hidden_directories::{Hidden, Home};
use crate::publish::published_name::PublishedName;

fn publish_campaign(output: &Path, name: &str, text: &str, way: Way) -> Result<PathBuf> {
    let campaigns = open(&output.join(CAMPAIGNS));
    let staging = campaigns.stage_campaign(name)?;
    let mut file = staging.create_other("targets.csv")?;
    file.write_all(text.as_bytes()).unwrap();
    let (_, seal) = file.finish().unwrap();
    staging.seal_other_as("targets.csv", seal.clone())?;
    let entry = TableFile { file: "targets.csv".into(), ..TableFile::new("targets_csv", 1, 1, seal) };
    staging.publish_by(way, &json!({"tables": [entry]}))
}

#[test]
fn a_campaign_is_published_and_replaced_in_every_way_next_to_the_dates() {
    let root = tempfile::tempdir().unwrap();
    let output = root.path().join("out");
    publish(&open(&output), 1, Way::Exchange).unwrap();
    for (way, text) in [(Way::Exchange, "a"), (Way::Exchange, "b"), (Way::Aside, "c"), (Way::Copy, "d")] {
        let path = publish_campaign(&output, "spring", text, way).unwrap();
        assert_eq!(path, output.canonicalize().unwrap().join("campaigns/spring"));
        assert_eq!(fs::read_to_string(path.join("targets.csv")).unwrap(), text);
    }
    assert!(hidden_of(&output.join(CAMPAIGNS)).is_empty());
    // Runs go on next to it, and both are verified.
    publish(&open(&output), 2, Way::Exchange).unwrap();
    assert_eq!(verify_published(&output).unwrap().into_result().unwrap().runs.len(), 2);
    assert_eq!(verify_published(&output.join(CAMPAIGNS)).unwrap().into_result().unwrap().runs.len(), 1);
    fs::write(output.join("campaigns/spring/targets.csv"), "x").unwrap();
    assert_eq!(verify_published(&output).unwrap().faults.len(), 1);
}

#[test]
fn files_of_others_among_campaigns_are_refused_and_a_campaign_moved_aside_comes_back() {
    let root = tempfile::tempdir().unwrap();
    let output = root.path().join("out");
    let path = publish_campaign(&output, "spring", "a", Way::Exchange).unwrap();
    fs::write(path.join("mine.txt"), "").unwrap();
    assert_eq!(publish_campaign(&output, "spring", "b", Way::Exchange).unwrap_err().kind(), Kind::Config);
    fs::remove_file(path.join("mine.txt")).unwrap();
    let campaigns = output.join(CAMPAIGNS).canonicalize().unwrap();
    let aside = Home::inside(&campaigns).new_path(Hidden::Aside, &PublishedName::Campaign("spring".into()));
    fs::rename(&path, &aside).unwrap();
    drop(open(&campaigns));
    assert_eq!(fs::read_to_string(path.join("targets.csv")).unwrap(), "a");
    fs::create_dir(campaigns.join("mine")).unwrap();
    assert_eq!(try_open(&campaigns, Layout::ByDate).unwrap_err().kind(), Kind::Config);
}
