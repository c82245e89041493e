//! What a Dockerfile makes of an image.

mod secret;
mod user;

pub(super) use secret::image_secret;
pub(super) use user::root_user;
