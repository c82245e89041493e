use super::YamlNode;

/// How many mappings one look-up may pass through: merge keys may lead in circles.
const MAPPINGS_MAX: usize = 32;

impl YamlNode<'_, '_> {
    /// The value of this key, looked up as programs do that know merge keys
    /// (<https://yaml.org/type/merge.html>): the mapping's own, else that of the first mapping that `<<` names.
    pub fn lookup(self, name: &str) -> Option<Self> {
        let mut next = vec![self];
        let mut looked = 0;
        while let Some(mapping) = next.pop() {
            if looked == MAPPINGS_MAX {
                return None;
            }
            looked += 1;
            if let Some(value) = mapping.get(name) {
                return Some(value);
            }
            let Some(merged) = mapping.get("<<") else { continue };
            if merged.elements().len() == 0 {
                next.push(merged);
            } else {
                // The first is asked first.
                let first: Vec<Self> = merged.elements().take(MAPPINGS_MAX).collect();
                next.extend(first.into_iter().rev());
            }
        }
        None
    }
}
