module patchline.dev/test/availability/api-server

go 1.26
