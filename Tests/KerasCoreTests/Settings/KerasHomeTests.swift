import Foundation
import KerasCore
import Testing

@Suite struct KerasHomeTests {
  @Test(arguments: [
    (["HOME": "/home/anna"], "/home/anna/.keras"),
    (["HOME": "/home/anna", "KERAS_HOME": "/data/keras"], "/data/keras"),
    (["HOME": "/home/anna", "KERAS_HOME": "~/k"], "/home/anna/k"),
    (["HOME": "/home/anna", "KERAS_HOME": "k"], FileManager.default.currentDirectoryPath + "/k"),
  ])
  func isNamedByTheEnvironment(values: [String: String], path: String) {
    #expect(KerasHome { values[$0] }.path == path)
  }

  @Test func fallsBackOnlyFromAHomeThatWasNotChosen() {
    // Nothing can be made below a device.
    let lost = KerasHome { ["HOME": "/dev/null"][$0] }
    #expect(lost.writeFolder("models") == "/tmp/.keras/models")
    #expect(lost.readFolders("models") == ["/dev/null/.keras/models", "/tmp/.keras/models"])
    let chosen = KerasHome { ["KERAS_HOME": "/dev/null/keras"][$0] }
    #expect(chosen.writeFolder("models") == "/dev/null/keras/models")
    #expect(chosen.readFolders("models") == ["/dev/null/keras/models"])
  }
}

@Suite struct KerasConfigurationTests {
  private func configuration(_ json: String?) throws -> KerasConfiguration {
    let home = FileManager.default.temporaryDirectory.appending(path: "keras-home-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: home) }
    if let json { try Data(json.utf8).write(to: home.appending(path: "keras.json")) }
    return try KerasHome(path: home.path).configuration()
  }

  @Test func hasKerasDefaults() throws {
    let defaults = try configuration(nil)
    #expect(defaults == KerasConfiguration())
    #expect(defaults.floatx == .float32)
    #expect(defaults.epsilon == 1e-7)
    #expect(defaults.backend == nil)
    #expect(defaults.imageDataFormat == .channelsLast)
  }

  @Test func isRead() throws {
    let found = try configuration(
      """
      {"floatx": "bfloat16", "epsilon": 1e-07, "backend": "tensorflow", "nnx_enabled": false,
       "image_data_format": "channels_first"}
      """)
    #expect(found.floatx == .bfloat16)
    #expect(found.epsilon == 1e-7)
    #expect(found.backend == "tensorflow")
    #expect(found.imageDataFormat == .channelsFirst)
    #expect(try configuration(#"{"epsilon": 1}"#).epsilon == 1)
  }

  @Test(arguments: [
    (
      "{", "Expected Keras' settings in JSON, found something else.",
      "correct the file, or delete it to use the defaults."
    ),
    (
      "[1]", "Expected Keras' settings in JSON, found something else.",
      "correct the file, or delete it to use the defaults."
    ),
    (
      #"{"backend": 3}"#, "Expected Keras' settings in JSON, found something else.",
      "correct the file, or delete it to use the defaults."
    ),
    (#"{"floatx": "int8"}"#, #""int8" is not a value of floatx."#, "float16, bfloat16, float32, float64."),
    (#"{"epsilon": -1}"#, #""-1.0" is not a value of epsilon."#, "1e-07."),
    (
      #"{"image_data_format": "nhwc"}"#, #""nhwc" is not a value of image_data_format."#,
      "channels_last, channels_first."
    ),
  ])
  func isRefused(json: String, what: String, remedy: String) {
    let found = #expect(throws: KerasError.self) { try configuration(json) }
    #expect(found?.kind == .invalidFile)
    #expect(found?.what == what)
    #expect(found?.remedy == remedy)
    #expect(found?.path.first?.hasSuffix("/keras.json") == true)
  }
}
