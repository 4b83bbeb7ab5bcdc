// SPDX-License-Identifier: Apache-2.0
//
// What the operations are called, what they do, and what a repeat of each does.
#include "connector.hpp"

namespace iconik {

namespace {

using builder = mortise::connector_builder<connector>;

void describe_assets(builder& b) {
    b.operation("assets.get", &connector::get_asset)
        .title("Read an asset")
        .doc("With its approval, current version and address for people.")
        .reads();
    b.operation("assets.find", &connector::find_assets)
        .title("Find assets by external id or title")
        .doc("Exact matches in the search index, which lags some seconds behind.")
        .reads();
    b.operation("search.assets", &connector::search_assets)
        .title("Search assets")
        .doc("next is there when there may be more: give it as after to go on.")
        .reads();
    b.operation("assets.create", &connector::create_asset)
        .title("Create an asset without files")
        .doc("The external id given, or one made of the run and step, marks it: a repeat of the "
             "call finds it by that. UNAVAILABLE while the search index may not show it yet.")
        .idempotent();
    b.operation("assets.update", &connector::update_asset)
        .title("Change an asset's fields")
        .idempotent();
    b.operation("assets.delete", &connector::delete_asset)
        .title("Move an asset to the delete queue")
        .doc("One that is not there, or is there already, is no error.")
        .idempotent();
    b.operation("assets.archive", &connector::archive_asset)
        .title("Archive an asset's originals")
        .doc("iconik works on it afterwards: ask assets.archive_status.")
        .idempotent();
    b.operation("assets.restore", &connector::restore_asset)
        .title("Bring archived originals back")
        .idempotent();
    b.operation("assets.archive_status", &connector::archive_status)
        .title("Read how far archiving or restoring is")
        .doc("state: ONLINE, ARCHIVING, ARCHIVED, RESTORING or FAILED.")
        .reads();
    b.operation("versions.list", &connector::list_versions)
        .title("List an asset's versions")
        .doc("In iconik's order; highest is what versions.create wants as after_version.")
        .reads();
    b.operation("versions.create", &connector::create_version)
        .title("Add a version without files")
        .doc("A version above after_version that this connection's user made is taken for it.")
        .idempotent();
    b.operation("versions.promote", &connector::promote_version)
        .title("Make a version the latest")
        .idempotent();
    b.operation("history.list", &connector::list_history).title("Read an asset's history").reads();
    b.operation("history.add", &connector::add_history)
        .title("Add an entry to an asset's history")
        .lookup_first("history.find");
    b.operation("history.find", &connector::find_history)
        .title("Find a history entry as history.add would write it")
        .reads();
    b.operation("relations.list", &connector::list_relations)
        .title("List an asset's relations")
        .reads();
    b.operation("relations.ensure", &connector::ensure_relation)
        .title("Relate an asset to another")
        .idempotent();
    b.operation("relations.remove", &connector::remove_relation)
        .title("End a relation")
        .idempotent();
}

void describe_collections(builder& b) {
    b.operation("collections.get", &connector::get_collection).title("Read a collection").reads();
    b.operation("collections.find", &connector::find_collection)
        .title("Find a collection by title or external id")
        .doc("Exact matches in the search index; matches tells how many there are.")
        .reads();
    b.operation("collections.list_contents", &connector::list_collection)
        .title("List what is in a collection")
        .reads();
    b.operation("collections.of_asset", &connector::list_collections_of)
        .title("Read the collections an asset is in")
        .reads();
    b.operation("collections.create", &connector::create_collection)
        .title("Create a collection, with metadata")
        .doc("Marked and found again as by assets.create.")
        .idempotent();
    b.operation("collections.add", &connector::add_to_collection)
        .title("Put an object into a collection")
        .idempotent();
    b.operation("collections.remove", &connector::remove_from_collection)
        .title("Take an object out of a collection")
        .doc("The object itself stays.")
        .idempotent();
}

void describe_metadata(builder& b) {
    b.operation("metadata.views", &connector::list_views).title("List the metadata views").reads();
    b.operation("metadata.fields", &connector::list_fields)
        .title("List the metadata fields, with the values they allow")
        .reads();
    b.operation("metadata.get", &connector::get_metadata)
        .title("Read metadata")
        .doc("No values in the view gives empty values, not an error.")
        .reads();
    b.operation("metadata.set", &connector::set_metadata)
        .title("Set metadata")
        .doc("Writes only what differs; changed tells whether anything did, before what was there.")
        .idempotent();
}

void describe_files(builder& b) {
    b.operation("files.download", &connector::download_file)
        .title("Read the bytes of an original or a proxy")
        .doc("Gives content, from any offset; iconik counts it as a download.")
        .reads();
    b.operation("files.upload", &connector::answer_upload)
        .title("Upload originals")
        .doc("Takes content. A repeat of the call goes on with the part that is missing.")
        .idempotent();
    b.operation("keyframes.download", &connector::download_keyframe)
        .title("Read the bytes of a still")
        .doc("Gives content.")
        .reads();
    b.operation("files.list", &connector::list_files)
        .title("List an asset's files, with links that expire")
        .reads();
    b.operation("proxies.list", &connector::list_proxies)
        .title("List an asset's proxies, with links that expire")
        .reads();
    b.operation("keyframes.list", &connector::list_keyframes)
        .title("List an asset's keyframes and posters, with links that expire")
        .reads();
}

void describe_review(builder& b) {
    b.operation("approvals.get", &connector::get_approval)
        .title("Read an approval and its votes")
        .reads();
    b.operation("approvals.request", &connector::request_approval)
        .title("Ask for approval")
        .doc("Leaves an open request that has these reviewers as it is.")
        .idempotent();
    b.operation("approvals.vote", &connector::vote)
        .title("Approve or refuse as the connection's user")
        .idempotent();
    b.operation("approvals.withdraw", &connector::withdraw_approval)
        .title("Cancel the request for approval")
        .doc("Without a request nothing happens.")
        .idempotent();
    b.operation("comments.list", &connector::list_comments).title("List comments").reads();
    b.operation("comments.find", &connector::find_comment)
        .title("Find a comment as comments.add would write it")
        .reads();
    b.operation("comments.add", &connector::add_comment)
        .title("Write a comment")
        .lookup_first("comments.find");
    b.operation("comments.update", &connector::update_comment)
        .title("Change a comment, or mark it as dealt with")
        .idempotent();
    b.operation("comments.delete", &connector::delete_comment)
        .title("Delete a comment")
        .idempotent();
    b.operation("segments.list", &connector::list_segments)
        .title("List markers, tags and other segments")
        .reads();
    b.operation("segments.find", &connector::find_segment)
        .title("Find a segment as segments.add would write it")
        .reads();
    b.operation("segments.add", &connector::add_segment)
        .title("Add a segment")
        .lookup_first("segments.find");
    b.operation("segments.delete", &connector::delete_segment)
        .title("Delete a segment")
        .idempotent();
}

void describe_rights(builder& b) {
    b.operation("acls.get", &connector::get_acl)
        .title("Read the rights on an object")
        .doc("Those of its own, and those inherited from collections.")
        .reads();
    b.operation("acls.set", &connector::set_acl)
        .title("Set rights on an object")
        .doc("Writes only what differs; changed tells whether anything did.")
        .idempotent();
    b.operation("shares.list", &connector::list_shares).title("List an object's shares").reads();
    b.operation("shares.find", &connector::find_share)
        .title("Find a share as shares.create would make it")
        .reads();
    b.operation("shares.create", &connector::create_share)
        .title("Share an object by link or mail")
        .lookup_first("shares.find");
    b.operation("shares.revoke", &connector::revoke_share).title("End a share").idempotent();
}

void describe_tenant(builder& b) {
    b.operation("users.current", &connector::current_user)
        .title("Read the connection's user")
        .reads();
    b.operation("users.find", &connector::find_user).title("Find a user by address").reads();
    b.operation("users.list", &connector::list_users).title("List users").reads();
    b.operation("groups.find", &connector::find_group).title("Find a group by name").reads();
    b.operation("groups.list", &connector::list_groups).title("List groups").reads();
    b.operation("jobs.get", &connector::get_job).title("Read a job").reads();
    b.operation("jobs.list", &connector::list_jobs).title("List jobs, newest first").reads();
    b.operation("names.list", &connector::list_names)
        .title("List the names of one kind of object")
        .doc("For checks of configuration: names and ids that settings may hold.")
        .reads();
    b.operation("rights.check", &connector::check_rights)
        .title("Tell which operations the connection's user may not use")
        .doc("By its roles; access lists of single objects are not looked at.")
        .reads();
    b.operation("webhooks.list", &connector::list_webhooks)
        .title("List the webhooks, without their secrets")
        .reads();
    b.operation("webhooks.ensure", &connector::ensure_webhooks)
        .title("Create or mend the webhooks to this connection")
        .doc("They carry the connection's webhook_secret.")
        .idempotent();
    b.operation("custom_actions.ensure", &connector::ensure_custom_action)
        .title("Create or mend a custom action that calls this connection")
        .doc("It carries the connection's webhook_secret.")
        .idempotent();
}

} // namespace

void connector::describe_operations(mortise::connector_builder<connector>& b) {
    describe_assets(b);
    describe_collections(b);
    describe_metadata(b);
    describe_files(b);
    describe_review(b);
    describe_rights(b);
    describe_tenant(b);
}

} // namespace iconik
