module patchline.dev/test/control-plane/etcd

go 1.26
