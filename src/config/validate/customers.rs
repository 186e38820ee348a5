//! Checks of `[customers]`.

use super::Checks;
use crate::config::Config;
use crate::config::problem::Problem;
use crate::members::options::Prospects;
use crate::reports::tables::customers::columns;
use crate::schema::AS_OF;

pub(super) fn check(config: &Config, checks: &mut Checks) {
    let options = &config.customers;
    let texts = [
        ("customers.path", options.path.as_ref()),
        ("customers.customer_id", options.customer_id.as_ref()),
        ("customers.sign_up_date", options.sign_up_date.as_ref()),
        ("customers.consent", options.consent.as_ref()),
        ("customers.aliases", options.aliases.as_ref()),
        ("customers.old_id", Some(&options.old_id)),
        ("customers.new_id", options.new_id.as_ref()),
    ];
    for (key, text) in texts.into_iter().filter_map(|(key, text)| Some((key, text?))) {
        checks.not_blank(key, text);
    }
    checks.none_blank("customers.attributes", &options.attributes);
    checks.distinct("customers.attributes", &options.attributes);
    check_without_effect(config, checks);
    let (old, new) = (&options.old_id, options.new_id.as_ref());
    let expected = "another column than `customers.old_id`";
    checks.require(new != Some(old), "customers.new_id", format!("`{old}`"), expected);
    check_names(config, checks);
}

/// Settings of a table that is not named.
fn check_without_effect(config: &Config, checks: &mut Checks) {
    let options = &config.customers;
    let of_members = [
        ("customers.customer_id", options.customer_id.is_some()),
        ("customers.attributes", !options.attributes.is_empty()),
        ("customers.sign_up_date", options.sign_up_date.is_some()),
        ("customers.consent", options.consent.is_some()),
        ("customers.prospects", options.prospects != Prospects::Apart),
    ];
    for (key, _) in of_members.into_iter().filter(|(_, is_set)| *is_set && options.path.is_none()) {
        checks.0.push(Problem::new(key, "no table of members", "`customers.path`, which names it"));
    }
    if options.new_id.is_some() && options.aliases.is_none() {
        checks.0.push(Problem::new("customers.new_id", "no table of old ids", "`customers.aliases`, which names it"));
    }
}

/// Columns of members may not have the names of others of the customers table.
fn check_names(config: &Config, checks: &mut Checks) {
    let options = &config.customers;
    let mut own: Vec<String> = Vec::new();
    if options.sign_up_date.is_some() {
        own.push(columns::SIGN_UP_DATE.name.to_owned());
    }
    if options.consent.is_some() {
        own.push(columns::CONSENT.name.to_owned());
    }
    let clashes = |names: &[String], taken: &[String]| -> Vec<String> {
        let is_taken = |name: &&String| taken.iter().any(|own| own.eq_ignore_ascii_case(name));
        names.iter().filter(is_taken).cloned().collect()
    };
    let expected = "columns of other names: rename this one at its source";
    for clash in clashes(&config.columns.attributes, &own) {
        let found = format!("`{clash}`, as `[customers]` calls a column of its own");
        checks.0.push(Problem::new("columns.attributes", found, expected));
    }
    let entries = columns::OWN.iter().chain([&AS_OF, &columns::MAP]).chain(config.further_columns());
    own.extend(entries.map(|column| column.name.to_owned()));
    if config.predict.is_wanted() {
        let horizons = config.predict.horizon_names();
        let predicted = columns::PREDICTED.iter().flat_map(|column| column.published(&horizons));
        own.extend(predicted.map(|column| column.name));
        own.extend(columns::asked_of_models(&config.predict).map(|column| column.name.to_owned()));
    }
    own.extend(config.predict.profits.path.iter().flat_map(|_| columns::PLANNED).map(|column| column.name.to_owned()));
    own.extend(config.social.path.iter().flat_map(|_| columns::SOCIAL).map(|column| column.name.to_owned()));
    own.extend(config.columns.attributes.iter().cloned());
    for clash in clashes(&options.attributes, &own) {
        let found = format!("`{clash}`, as the customers table calls another column");
        checks.0.push(Problem::new("customers.attributes", found, expected));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::validate::problems;

    fn wrong(text: &str) -> Vec<String> {
        let config: Config = toml::from_str(text).unwrap();
        problems(&config).iter().map(|problem| problem.line(&std::collections::BTreeMap::new())).collect()
    }

    #[test]
    fn settings_of_a_table_that_is_not_named_are_refused() {
        assert!(
            wrong("[customers]\npath = 'm'\nattributes = ['tier']\nconsent = 'ok'\nprospects = 'counted'").is_empty()
        );
        let found = wrong("[customers]\nattributes = ['tier']\nprospects = 'counted'\nnew_id = 'x'");
        assert!(found.len() == 3 && found[2].contains("`customers.aliases`, which names it"), "{found:?}");
        assert!(wrong("[customers]\npath = ' '")[0].contains("customers.path"));
        assert!(wrong("[customers]\naliases = 'a'\nold_id = 'x'\nnew_id = 'x'")[0].contains("another column"));
    }

    #[test]
    fn no_column_of_members_hides_another() {
        for (settings, key) in [
            ("[customers]\npath = 'm'\nattributes = ['Segment']", "customers.attributes"),
            ("[customers]\npath = 'm'\nattributes = ['map']", "customers.attributes"),
            ("[customers]\npath = 'm'\nattributes = ['tier', 'tier']", "customers.attributes"),
            ("[customers]\npath = 'm'\nattributes = ['consent']\nconsent = 'ok'", "customers.attributes"),
            (
                "[customers]\npath = 'm'\nattributes = ['city']\n[columns]\nattributes = ['city']",
                "customers.attributes",
            ),
            (
                "[customers]\npath = 'm'\nattributes = ['clv_3_months']\n[predict]\nmodel = 'auto'",
                "customers.attributes",
            ),
            ("[customers]\npath = 'm'\nconsent = 'ok'\n[columns]\nattributes = ['Consent']", "columns.attributes"),
        ] {
            let found = wrong(settings);
            assert!(found.len() == 1 && found[0].contains(key), "{settings}: {found:?}");
        }
        assert!(wrong("[customers]\npath = 'm'\nattributes = ['consent']").is_empty());
    }
}
