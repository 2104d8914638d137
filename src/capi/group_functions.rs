//! The functions of the header for groups, as [`functions`](super::functions) has those for tasks.
#![allow(unsafe_code)]

use std::{
    ffi::{CStr, c_char, c_uint},
    ptr,
};

use glib::{
    ffi::{GDestroyNotify, GError, gboolean, gpointer},
    gobject_ffi::{G_TYPE_OBJECT, GObject, g_type_check_instance_is_fundamentally_a},
    translate::{IntoGlib, IntoGlibPtr, ToGlibPtr, from_glib_none},
};

use super::{
    c_types::{GroupEndedFunc, GroupEndedFuncAndData, OwnedData},
    check::assert_that,
    entry::{enter_for_long, functions},
    group::GroupHandle,
    handle::QIOGroup,
};
use crate::Group;

functions! {
    enter_for_long:
    fn qio_group_new() -> *mut QIOGroup {
        Ok(GroupHandle::new(Group::new()).to_c())
    }

    fn qio_group_new_within(outer: *mut QIOGroup) -> *mut QIOGroup {
        let outer = GroupHandle::from_c(outer)?.group()?;
        Ok(GroupHandle::new(Group::within(&outer)).to_c())
    }

    fn qio_group_get_computing() -> *mut QIOGroup {
        // Borrowed: the library keeps one.
        Ok(GroupHandle::computing().to_c())
    }

    fn qio_group_ref(group: *mut QIOGroup) -> *mut QIOGroup {
        Ok(GroupHandle::from_c(group)?.reference()?.into_c())
    }

    fn qio_group_unref(group: *mut QIOGroup) { GroupHandle::from_c(group)?.unreference() }

    fn qio_group_set_name(group: *mut QIOGroup, name: *const c_char) {
        let group = GroupHandle::from_c(group)?.group()?;
        assert_that(!name.is_null(), "name != NULL")?;
        // SAFETY: a string of the caller's, for the time of the call.
        let name = unsafe { CStr::from_ptr(name) };
        group.set_name(&name.to_string_lossy());
        Ok(())
    }

    fn qio_group_get_name(group: *mut QIOGroup) -> *mut c_char {
        let name = GroupHandle::from_c(group)?.group()?.name();
        Ok(name.map_or(ptr::null_mut(), |name| name.to_glib_full()))
    }

    fn qio_group_set_max_threads(group: *mut QIOGroup, max_threads: c_uint) {
        let group = GroupHandle::from_c(group)?.group()?;
        let max = usize::try_from(max_threads).unwrap_or(usize::MAX);
        assert_that(max > 0, "max_threads > 0")?;
        group.set_max_threads(max);
        Ok(())
    }

    fn qio_group_get_max_threads(group: *mut QIOGroup) -> c_uint {
        let max = GroupHandle::from_c(group)?.group()?.max_threads();
        Ok(max.map_or(0, |max| c_uint::try_from(max).unwrap_or(c_uint::MAX)))
    }

    fn qio_group_set_cancel_on_error(group: *mut QIOGroup, cancel: gboolean) {
        GroupHandle::from_c(group)?.own_group()?.cancel_on_error(cancel != 0);
        Ok(())
    }

    fn qio_group_cancel(group: *mut QIOGroup) {
        GroupHandle::from_c(group)?.group()?.cancel();
        Ok(())
    }

    fn qio_group_close(group: *mut QIOGroup) {
        GroupHandle::from_c(group)?.own_group()?.close();
        Ok(())
    }

    fn qio_group_finish(group: *mut QIOGroup) {
        GroupHandle::from_c(group)?.own_group()?.finish();
        Ok(())
    }

    fn qio_group_close_on_dispose(group: *mut QIOGroup, object: *mut GObject) {
        let group = GroupHandle::from_c(group)?.own_group()?;
        // SAFETY: null or an instance of some type.
        let is_object = !object.is_null() && unsafe {
            g_type_check_instance_is_fundamentally_a(object.cast(), G_TYPE_OBJECT) != 0
        };
        assert_that(is_object, "G_IS_OBJECT (object)")?;
        // SAFETY: it is an object.
        let object: glib::Object = unsafe { from_glib_none(object) };
        group.close_on_dispose(&object);
        Ok(())
    }

    fn qio_group_is_empty(group: *mut QIOGroup) -> gboolean {
        Ok(GroupHandle::from_c(group)?.group()?.is_empty().into_glib())
    }

    fn qio_group_get_n_tasks(group: *mut QIOGroup) -> c_uint {
        let count = GroupHandle::from_c(group)?.group()?.len();
        Ok(c_uint::try_from(count).unwrap_or(c_uint::MAX))
    }

    fn qio_group_is_closed(group: *mut QIOGroup) -> gboolean {
        Ok(GroupHandle::from_c(group)?.group()?.is_closed().into_glib())
    }

    fn qio_group_wait(group: *mut QIOGroup, error: *mut *mut GError) -> gboolean {
        let Err(first) = GroupHandle::from_c(group)?.group()?.wait() else {
            return Ok(true.into_glib());
        };
        if !error.is_null() {
            let first = first.error().describe();
            // SAFETY: it is where the caller has a place for an error.
            unsafe { *error = first.into_glib_ptr() };
        }
        Ok(false.into_glib())
    }

    fn qio_group_set_ended_func(
        group: *mut QIOGroup, func: Option<GroupEndedFunc>, opaque: gpointer,
        destroy: GDestroyNotify,
    ) {
        let group = GroupHandle::from_c(group)?;
        let func = func.ok_or("func != NULL")?;
        group.set_ended_func(|group| {
            // SAFETY: an accepted call hands over what any thread may call, and is freed once.
            let func = unsafe { GroupEndedFuncAndData::new(func, OwnedData::new(opaque, destroy)) };
            Box::new(move |error| func.call(group.get().to_c(), error))
        })
    }
}
