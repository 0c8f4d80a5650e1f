// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VFIO variant driver that adds nothing to vfio_pci_core. The system tests bind virtual functions
 * to it, so that vfmond is tried against a genuine override-only id and its vfio_pci: alias.
 */
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/vfio_pci_core.h>

static int variant_open_device(struct vfio_device *core_vdev)
{
	struct vfio_pci_core_device *vdev =
		container_of(core_vdev, struct vfio_pci_core_device, vdev);
	int r;

	r = vfio_pci_core_enable(vdev);
	if (r)
		return r;
	vfio_pci_core_finish_enable(vdev);
	return 0;
}

static const struct vfio_device_ops variant_ops = {
	.name = "vfmon-test-vfio-pci",
	.init = vfio_pci_core_init_dev,
	.release = vfio_pci_core_release_dev,
	.open_device = variant_open_device,
	.close_device = vfio_pci_core_close_device,
	.ioctl = vfio_pci_core_ioctl,
	.device_feature = vfio_pci_core_ioctl_feature,
	.read = vfio_pci_core_read,
	.write = vfio_pci_core_write,
	.mmap = vfio_pci_core_mmap,
	.request = vfio_pci_core_request,
	.match = vfio_pci_core_match,
	.bind_iommufd = vfio_iommufd_physical_bind,
	.unbind_iommufd = vfio_iommufd_physical_unbind,
	.attach_ioas = vfio_iommufd_physical_attach_ioas,
	.detach_ioas = vfio_iommufd_physical_detach_ioas,
};

static int variant_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct vfio_pci_core_device *vdev;
	int r;

	vdev = vfio_alloc_device(vfio_pci_core_device, vdev, &pdev->dev, &variant_ops);
	if (IS_ERR(vdev))
		return PTR_ERR(vdev);
	dev_set_drvdata(&pdev->dev, vdev);
	r = vfio_pci_core_register_device(vdev);
	if (r)
		vfio_put_device(&vdev->vdev);
	return r;
}

static void variant_remove(struct pci_dev *pdev)
{
	struct vfio_pci_core_device *vdev = dev_get_drvdata(&pdev->dev);

	vfio_pci_core_unregister_device(vdev);
	vfio_put_device(&vdev->vdev);
}

#ifdef VFMON_TEST_VENDOR
/* What NVIDIA's driver has below its virtual functions. Here one value is for all of them. */
static unsigned int vgpu_type;

static ssize_t current_vgpu_type_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", vgpu_type);
}

static ssize_t current_vgpu_type_store(struct device *dev, struct device_attribute *attr,
				       const char *buf, size_t size)
{
	int r = kstrtouint(buf, 10, &vgpu_type);

	return r ? r : size;
}
static DEVICE_ATTR_RW(current_vgpu_type);

static struct attribute *vendor_attributes[] = { &dev_attr_current_vgpu_type.attr, NULL };
static const struct attribute_group vendor_group = { .name = "nvidia", .attrs = vendor_attributes };
static const struct attribute_group *variant_groups[] = { &vendor_group, NULL };

static const struct pci_device_id variant_ids[] = { { PCI_DEVICE(0x8086, 0x10ca) }, {} };
#else
static const struct attribute_group *variant_groups[] = { NULL };

/* The virtual functions of QEMU's nvme, and of its igb. */
static const struct pci_device_id variant_ids[] = {
	{ PCI_DRIVER_OVERRIDE_DEVICE_VFIO(0x1b36, 0x0010) },
	{ PCI_DRIVER_OVERRIDE_DEVICE_VFIO(0x8086, 0x10ca) },
	{}
};
#endif
MODULE_DEVICE_TABLE(pci, variant_ids);

static struct pci_driver variant_driver = {
	.name = KBUILD_MODNAME,
	.id_table = variant_ids,
	.probe = variant_probe,
	.remove = variant_remove,
	.err_handler = &vfio_pci_core_err_handlers,
	.driver_managed_dma = true,
	.dev_groups = variant_groups,
};
module_pci_driver(variant_driver);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("VFIO variant driver for vfmond's system tests");
