/// A content that stood under more kinds of paths is looked at as the first of them only.
const MOST: usize = 4;

/// As what a content stood somewhere: a short hash of what its path says to whoever looks at it. Never 0.
pub type Guise = u32;

/// The kinds of paths that a content stood at. Rules ask for the name of a file and judge by what it is for, so what is
/// nothing in `notes.txt` may be something in `.pgpass`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Guises([Guise; MOST]);

impl Guises {
    /// These, the first of them first.
    pub(super) fn of(all: impl Iterator<Item = Guise>) -> Self {
        let mut guises = Self::default();
        all.for_each(|guise| guises.add(guise));
        guises
    }

    pub(super) fn numbers(&self) -> impl ExactSizeIterator<Item = Guise> + use<> {
        let count = self.0.iter().position(|guise| *guise == 0).unwrap_or(MOST);
        self.0.into_iter().take(count)
    }

    /// Which of them this is: the first, if it is none.
    pub(super) fn place(&self, guise: Guise) -> usize {
        self.0.iter().position(|known| *known == guise).unwrap_or_default()
    }

    /// Whether whoever looked at these need not look at those.
    pub(super) fn cover(&self, others: &Self) -> bool {
        self.numbers().len() == MOST || others.numbers().all(|guise| self.0.contains(&guise))
    }

    /// Both together.
    pub(super) fn with(mut self, others: &Self) -> Self {
        others.numbers().for_each(|guise| self.add(guise));
        self
    }

    fn add(&mut self, guise: Guise) {
        if guise != 0
            && !self.0.contains(&guise)
            && let Some(free) = self.0.iter_mut().find(|known| **known == 0)
        {
            *free = guise;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(all: &[Guise]) -> Guises {
        Guises::of(all.iter().copied())
    }

    #[test]
    fn each_counts_once_and_no_more_than_four() {
        let some = of(&[7, 8, 7, 0, 9]);
        assert_eq!(some.numbers().collect::<Vec<_>>(), [7, 8, 9]);
        assert!(some.cover(&of(&[9, 7])) && !some.cover(&of(&[7, 1])));
        assert_eq!((some.place(8), some.place(1)), (1, 0));
        assert!(some.with(&of(&[1])).cover(&of(&[1, 9])));
        assert!(of(&[1, 2, 3, 4, 5]).cover(&of(&[6])), "more are not looked at in any run");
    }
}
