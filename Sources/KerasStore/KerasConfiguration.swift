import FoundationEssentials
import KerasCore

/// What `keras.json` says; Keras' defaults where it says nothing.
///
/// The file is shared with Python's Keras, so `backend` may well be `tensorflow`: names that mean nothing
/// here are handed on, not refused.
public struct KerasConfiguration: Hashable, Sendable {
  /// The element type of weights and activations.
  public var floatx: DataType = .float32
  /// The small number that keeps divisions finite.
  public var epsilon: Double = 1e-7
  /// The name as written; nil when the file has none.
  public var backend: String?
  public var imageDataFormat: DataFormat = .channelsLast

  public init() {}
}

extension KerasHome {
  /// Reads `keras.json`; defaults when there is none. Unknown keys are passed over.
  ///
  /// - Throws: `invalidFile` when the file is not JSON or a value is none that Keras takes;
  ///   `fileAccess` when it cannot be read.
  public func configuration() throws(KerasError) -> KerasConfiguration {
    let path = joined(self.path, "keras.json")
    return try within(path) { () throws(KerasError) in
      guard let bytes = try contents(ofSmallFile: path) else { return KerasConfiguration() }
      let stored: StoredConfiguration
      do {
        stored = try JSONDecoder().decode(StoredConfiguration.self, from: Data(bytes))
      } catch {
        throw notAConfiguration()
      }
      return try KerasConfiguration(stored)
    }
  }
}

/// The file's own spelling.
private struct StoredConfiguration: Decodable {
  let floatx: String?
  let epsilon: Double?
  let backend: String?
  let image_data_format: String?
}

extension KerasConfiguration {
  fileprivate init(_ stored: StoredConfiguration) throws(KerasError) {
    if let name = stored.floatx {
      let types: [DataType] = [.float16, .bfloat16, .float32, .float64]
      guard let type = types.first(where: { $0.rawValue == name }) else {
        throw invalid("floatx", name, allowed: types.map(\.rawValue))
      }
      floatx = type
    }
    if let value = stored.epsilon {
      guard value >= 0, value.isFinite else { throw invalid("epsilon", "\(value)", allowed: ["1e-07"]) }
      epsilon = value
    }
    if let name = stored.image_data_format {
      guard let format = DataFormat(rawValue: name) else {
        throw invalid("image_data_format", name, allowed: DataFormat.allCases.map(\.rawValue))
      }
      imageDataFormat = format
    }
    backend = stored.backend
  }
}

// MARK: - Wording

private func notAConfiguration() -> KerasError {
  KerasError(
    .invalidFile, "Expected Keras' settings in JSON, found something else.",
    remedy: "correct the file, or delete it to use the defaults.")
}

private func invalid(_ key: String, _ value: String, allowed: [String]) -> KerasError {
  KerasError(
    .invalidFile, "\"\(value)\" is not a value of \(key).",
    remedy: allowed.joined(separator: ", ") + ".")
}
