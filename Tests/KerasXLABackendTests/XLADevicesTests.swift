import KerasGraph
import Testing

@testable import KerasXLABackend

struct XLADevicesTests {
  @Test(arguments: ["gpu", "gpu:0", "gpu:12", "tpu", "tpu:1", "xla", "xla:cpu", "xla:cpu:3", "gpu:all", "xla:cpu:all", "xla:1", "xla:all", "gpu:0,2"])
  func names(_ name: String) { #expect(XLADevices.isName(name)) }

  @Test(arguments: ["", "cpu", "gpu:", "gpu:-1", "gpu:01", "gpu:1:2", "GPU", "cuda", "xla:gpu", ":1", "all", "gpu:all:1", "gpu:0,0", "gpu:1,", "gpu:,1", "gpu:0,all"])
  func otherNames(_ name: String) {
    #expect(!XLADevices.isName(name))
    let error = thrown { _ = try XLADevices.backend(named: name) }
    #expect(error?.what == "`\(name)` is no device.")
    #expect(error?.remedy == "use cpu, gpu, gpu:1, gpu:all, tpu or xla:cpu.")
  }

  @Test(.enabled(if: TestPlugin.file != nil, "needs a plugin for CPUs"))
  func aDeviceBeyondTheLast() {
    let error = thrown { _ = try XLADevices.backend(named: "xla:cpu:99") }
    #expect(error?.kind == .unsupported)
    #expect(error?.what.hasPrefix("There is no device 99; the plugin sees ") == true)
  }

  @Test(.enabled(if: TestPlugin.file != nil, "needs a plugin for CPUs"))
  func whatAPluginSees() throws {
    let file = try TestPlugin.file.orThrow(KerasError(.unsupported, "no plugin"))
    let contents = try XLADevices.contents(of: file)
    #expect(contents.platform == "cpu")
    #expect(contents.devices.count >= 1)
    #expect(try XLADevices.backend(named: "xla:cpu").name == "xla:cpu")
  }
}
