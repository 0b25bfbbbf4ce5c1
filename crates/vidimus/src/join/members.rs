//! What is inside the files: the edges *contains*, observed because both ends were hashed (`verification.md` 2.1).

use super::Joined;
use crate::read::{Delivery, Opened};
use crate::reason::Reason;

impl<'a> Joined<'a> {
    /// The file as a container, if it is one that was opened.
    #[must_use]
    pub fn opened(&self, file: usize) -> Option<&'a Opened> {
        self.opened.get(&file).copied()
    }

    /// What the file is once it is decompressed, in however many layers: the content of a compressed file has no name of its own.
    fn content(&self, file: usize) -> usize {
        let mut content = file;
        while let Some([member]) = self.opened(content).map(|opened| opened.members.as_slice())
            && let (None, Some(inner)) = (&member.name, member.file)
        {
            content = inner;
        }
        content
    }

    /// Why the file could not be seen through, if it is a container.
    #[must_use]
    pub fn opaque(&self, file: usize) -> Option<&'a Reason> {
        self.opened(self.content(file))?.opaque.as_ref()
    }

    /// The file and all containers in it, outermost first. Containers stand before those inside them, so no recursion is needed.
    pub(super) fn containers(&self, file: usize) -> Vec<&'a Opened> {
        let mut all: Vec<&Opened> = self.opened(file).into_iter().collect();
        let mut next = 0;
        while let Some(container) = all.get(next).copied() {
            all.extend(container.members.iter().filter_map(|member| self.opened(member.file?)));
            next += 1;
        }
        all
    }

    /// What the file holds at any depth, archives that were seen through left out: all their bytes are there.
    #[must_use]
    pub fn leaves(&self, file: usize) -> Vec<usize> {
        let members = self.containers(file).into_iter().flat_map(|container| &container.members);
        let is_leaf = |member: &usize| {
            let content = self.opened(self.content(*member));
            content.is_none_or(|opened| opened.opaque.is_some() || opened.format.is_compression())
        };
        members.filter(|member| member.name.is_some()).filter_map(|member| member.file).filter(is_leaf).collect()
    }

    /// All that is in the file at any depth: archives, what they hold, and what compressed files are once decompressed.
    #[must_use]
    pub fn within(&self, file: usize) -> Vec<usize> {
        let members = self.containers(file).into_iter().flat_map(|container| &container.members);
        members.filter_map(|member| member.file).collect()
    }

    /// Why the file, or a container in it, could not be seen through.
    #[must_use]
    pub fn opaque_within(&self, file: usize) -> Vec<&'a Reason> {
        self.containers(file).into_iter().filter_map(|container| container.opaque.as_ref()).collect()
    }
}

/// The containers by the file that each of them is.
pub(super) fn by_file(delivery: &Delivery) -> std::collections::BTreeMap<usize, &Opened> {
    delivery.opened.iter().map(|opened| (opened.file, opened)).collect()
}
