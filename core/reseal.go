package core

import (
	"context"

	"roster/core/metakey"
	pb "roster/core/metapb"
)

// Reseal seals every secret that is not under the newest key anew, instance by
// instance, and says how many instances it changed and how many hold a secret it
// could not open. When none does, the older keys can retire.
func (s *Service) Reseal(ctx context.Context) (changed, failed int, err error) {
	start, end := metakey.InstanceRange()
	for rest := (&Range{Start: start, End: end, Limit: instancePage}); rest != nil; {
		var stale []string
		err := s.view(ctx, func(r Reader) error {
			page, err := r.Scan(*rest)
			if err != nil {
				return err
			}
			rest, stale = page.Rest, nil
			for _, item := range page.Items {
				doc := new(pb.InstanceInfoPB)
				if parseRecord(item.Key, item.Value, doc) != nil {
					continue
				}
				found, err := s.stale(r, doc)
				if err != nil {
					return err
				}
				if found {
					stale = append(stale, doc.GetInstanceId())
				}
			}
			return nil
		})
		if err != nil {
			return changed, failed, err
		}
		for _, id := range stale {
			complete, renewed := false, false
			err := s.change(ctx, &change{
				trace: trace{operation: "reseal", instance: id, request: &pb.AlterInstanceRequest{InstanceId: &id}},
				apply: func(doc *pb.InstanceInfoPB, env *Env) (err error) {
					complete, renewed, err = reseal(doc, env)
					if err == nil && !renewed {
						err = errUnchanged
					}
					return err
				},
			}, "", nil)
			if err != nil {
				return changed, failed, err
			}
			if renewed {
				changed++
			}
			if !complete {
				failed++
			}
		}
	}
	failedUsers, err := s.resealUsers(ctx)
	return changed, failed + failedUsers, err
}

// resealUsers says how many passwords it could not open.
func (s *Service) resealUsers(ctx context.Context) (failed int, err error) {
	users, err := s.ListUsers(ctx)
	if err != nil {
		return 0, err
	}
	for _, listed := range users {
		if !listed.stale(s.keys) {
			continue
		}
		switch err := s.AlterUser(ctx, listed.Name, UserChange{}); CodeOf(err) {
		case OK, NotFound:
		case Internal:
			failed++
		default:
			return failed, err
		}
	}
	return failed, nil
}

// stale reports whether an instance has a secret that is not under the newest key.
func (s *Service) stale(r Reader, doc *pb.InstanceInfoPB) (bool, error) {
	vaults, err := vaultsOf(r, doc)
	if err != nil {
		return false, err
	}
	for pair := range instanceKeys(doc, vaults) {
		if *pair.sk != nil && s.keys.Stale(*pair.info) {
			return true, nil
		}
	}
	return false, nil
}

// reseal reports whether everything is under the newest key afterwards, and
// whether that took a change.
func reseal(doc *pb.InstanceInfoPB, env *Env) (complete, renewed bool, err error) {
	vaults, err := vaultsOf(env.vault.reader, doc)
	if err != nil {
		return false, false, err
	}
	if renewed, err = env.vault.renew(instanceKeys(doc, vaults)); err != nil {
		return false, false, err
	}
	complete = true
	for pair := range instanceKeys(doc, vaults) {
		complete = complete && (*pair.sk == nil || !env.vault.keys.Stale(*pair.info))
	}
	for _, vault := range vaults {
		env.put(metakey.StorageVault(doc.GetInstanceId(), vault.GetId()), vault)
	}
	return complete, renewed, nil
}
