module patchline.dev/test/control-plane/kubernetes

go 1.26
