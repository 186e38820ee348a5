//! The segment of those who never bought: no rule of a map leads to it, and every map has it where there are members.
//!
//! Does not live here: who never bought (`members`).

use super::map::{Segment, SegmentMap};

/// Its key.
pub const PROSPECTS: &str = "prospects";

impl SegmentMap {
    /// The same map with the segment of those who never bought behind its own.
    #[must_use]
    pub fn with_prospects(mut self) -> Self {
        let order = u32::try_from(self.segments.len() + 1).unwrap_or(u32::MAX);
        self.segments.push(Segment {
            key: PROSPECTS.to_owned(),
            order,
            name_en: "Prospects".to_owned(),
            name_zh: "潜在客户".to_owned(),
            colour: "#9aa5b1".to_owned(),
            action_en: "welcome them, and help with a first purchase: starter offers, what others buy first".to_owned(),
            action_zh: "欢迎并促成首次购买：新客优惠、热门首购推荐".to_owned(),
            says: Vec::new(),
        });
        self
    }

    /// The index of that segment; none where it is not there.
    #[must_use]
    pub fn prospects(&self) -> Option<u16> {
        let last = self.segments.last().filter(|segment| segment.key == PROSPECTS)?;
        u16::try_from(last.order).ok()?.checked_sub(1)
    }
}
