//! The attributes that group customers: they are carried along, whether `columns.attributes` names them or not.
//!
//! Does not live here: what a group is (`scoring::groups`), and the attributes themselves (`columns.attributes`).

use super::Config;

impl Config {
    /// Every attribute that groups customers, each once: what makes pairs of customers, of scores, of reports, of
    /// further scorings.
    #[must_use]
    pub fn group_attributes(&self) -> Vec<String> {
        let of_entry = |entry: &super::ScoringEntry| -> Vec<String> {
            let names = entry.score.get("by").and_then(toml::Value::as_array);
            names.into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned)).collect()
        };
        let further = self.scoring.iter().flat_map(of_entry);
        let mut found: Vec<String> = Vec::new();
        let named = self.customers.per.iter().chain(&self.score.by).chain(&self.reports.by).cloned();
        for name in named.chain(further) {
            if !name.trim().is_empty() && !found.contains(&name) {
                found.push(name);
            }
        }
        found
    }

    /// Adds them to the attributes, behind those that are named, and says whether there was one to add.
    pub fn carry_group_attributes(&mut self) -> bool {
        let before = self.columns.attributes.len();
        // A column of members is there already.
        let is_of_members =
            |name: &String| self.customers.attributes.contains(name) && self.customers.per.as_ref() != Some(name);
        let names: Vec<String> = self.group_attributes().into_iter().filter(|name| !is_of_members(name)).collect();
        for name in names {
            if !self.columns.attributes.contains(&name) {
                self.columns.attributes.push(name);
            }
        }
        // An entry with attributes of its own says which of them it has; none may be in no input.
        let known = self.every_attribute();
        for name in self.columns.attributes.iter().filter(|name| !known.contains(name)) {
            self.inputs.iter_mut().for_each(|entry| entry.add_attribute(name));
        }
        self.columns.attributes.len() > before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_groups_customers_is_an_attribute_once() {
        let text = "columns.attributes = ['city', 'country']\nscore.by = ['country']\nreports.by = ['shop']\n\
                    [[scoring]]\nname = 'a'\nscore.by = ['channel', 'shop']\n";
        let mut config: Config = toml::from_str(text).unwrap();
        assert!(config.carry_group_attributes());
        assert_eq!(config.columns.attributes, ["city", "country", "shop", "channel"]);
        assert!(!config.carry_group_attributes(), "nothing is left to add");
        let of_members = "customers.path = 'm'\ncustomers.attributes = ['tier']\nscore.by = ['tier', 'country']\n";
        let mut config: Config = toml::from_str(of_members).unwrap();
        assert!(config.carry_group_attributes());
        assert_eq!(config.columns.attributes, ["country"], "members have their tier");
        let mut plain = Config::default();
        assert!(!plain.carry_group_attributes() && plain.columns.attributes.is_empty());
    }
}
