#!/bin/sh
# Creates the namespace, sets its retention, and registers the search attributes of purchases. Safe to run again.
set -eu
until temporal operator cluster health; do sleep 2; done
# Temporal's server image creates the namespace with a retention of one day.
temporal operator namespace create --retention 30d -n default || temporal operator namespace update --retention 30d -n default
for name in PurchaseStatus UserId EntityId PayToViewProductId; do
  temporal operator search-attribute list | grep -qw "$name" || temporal operator search-attribute create --name "$name" --type Keyword
done
