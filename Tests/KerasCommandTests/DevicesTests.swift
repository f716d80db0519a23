import Foundation
import KerasTestSupport
import Testing

@testable import Keras

/// `keras devices`, and `--device` where there is one and where there is none.
@Suite struct DevicesTests {
  let workplace: Workplace
  private static let plugin = XLADevices.plugins.first { $0.kind == .cpu }?.path

  init() throws { workplace = try Workplace() }

  @Test func withoutPluginsThereIsTheCPU() throws {
    // A path that is not there, so that what this machine's Pythons hold does not matter.
    let missing = workplace.folder.path + "/xla_cuda_plugin.so"
    let outcome = try workplace.keras("devices", environment: ["KERAS_XLA_PLUGIN": missing])
    #expect(
      outcome
        == Outcome(
          output: """
            device  kind                memory  plugin
            cpu     this machine's CPU       -
            -       cannot be used           -  \(missing)

            \(missing):
            There is no plugin.
              in: \(missing)

            Not here; what brings it:
              AMD's GPUs                 pip install jax-rocm7-pjrt jax-rocm7-plugin
              Intel's GPUs               pip install jax-oneapi-pjrt
              TPUs                       pip install libtpu
              XLA on the CPU, for tests  pip install xla-cpu-pjrt

            """))
  }

  @Test func tpusAreNotAsked() throws {
    let file = try workplace.put("no library".utf8, at: "libtpu.so").path
    let outcome = try workplace.keras("devices", "--json", environment: ["KERAS_XLA_PLUGIN": file])
    let lines = outcome.output.split(separator: "\n")
    #expect(outcome.code == 0 && lines.count == 2)
    #expect(lines[1].contains("\"kind\":\"not asked\"") && lines[1].contains("\"device\":\"tpu\""))
  }

  @Test func noFallbackWithoutAWord() throws {
    let file = try workplace.put("no library".utf8, at: "xla_cpu.so").path
    let outcome = try workplace.keras("bench", "mobilenet", "--device", "gpu", environment: ["KERAS_XLA_PLUGIN": file])
    #expect(
      outcome
        == Outcome(
          errors: """
            error: No plugin for gpu is here; found: \(file).
              try: install one, as by `pip install "jax[cuda13]"` for NVIDIA's GPUs; `keras devices` tells more.

            """, code: 1))
  }

  @Test(arguments: [
    (["--device", "moon"], "There is no device called `moon`.", "use cpu, gpu, gpu:1, gpu:all, tpu or xla:cpu."),
    (
      ["--device", "gpu", "--backend", "onednn"], "The backend onednn computes on the CPU, not on gpu.",
      "leave the backend out; gpu is the xla backend's."
    ),
  ])
  func whatDoesNotFitIsRefused(arguments: [String], what: String, remedy: String) throws {
    let outcome = try workplace.start(["bench", "mobilenet"] + arguments).outcome()
    #expect(outcome == Outcome(errors: "error: \(what)\n  try: \(remedy)\n", code: 1))
  }

  @Test(.enabled(if: plugin != nil, "needs a plugin for CPUs"))
  func theNamedDeviceComputes() throws {
    let environment = ["KERAS_XLA_PLUGIN": try #require(Self.plugin)]
    let devices = try workplace.keras("devices", environment: environment)
    #expect(devices.code == 0 && devices.output.contains("xla:cpu"))
    let bench = try workplace.keras(
      "bench", "cifar10resnet20", "--device", "xla:cpu", "--repeats", "1", "--json", environment: environment)
    #expect(bench.code == 0)
    #expect(bench.output.contains("\"backend\":\"xla:cpu\""))
    #expect(FileManager.default.fileExists(atPath: workplace.home.path + "/xla"))
    // Settings name it as well.
    try workplace.put("{\"backend\": \"xla\"}".utf8, at: "home/keras.json")
    let configured = try workplace.keras(
      "bench", "cifar10resnet20", "--repeats", "1", "--json", environment: environment)
    #expect(configured.output.contains("\"backend\":\"xla\""))
    let own = try workplace.keras(
      "bench", "cifar10resnet20", "--device", "cpu", "--repeats", "1", "--json", environment: environment)
    #expect(own.output.contains("\"backend\":\"onednn\""))
  }
}
