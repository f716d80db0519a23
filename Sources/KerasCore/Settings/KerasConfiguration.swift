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
      let stored: JSON
      do throws(KerasError) {
        stored = try JSON(parsing: String(decoding: bytes, as: UTF8.self))
      } catch {
        throw notAConfiguration()
      }
      return try KerasConfiguration(stored)
    }
  }
}

extension KerasConfiguration {
  /// What the file of this process' user says, read once. As in Keras, broken settings keep nobody from computing:
  /// they are warned of.
  public static let current: KerasConfiguration = {
    do throws(KerasError) {
      return try KerasHome().configuration()
    } catch {
      Warnings.report("\(error)")
      return KerasConfiguration()
    }
  }()

  fileprivate init(_ stored: JSON) throws(KerasError) {
    guard stored.object != nil else { throw notAConfiguration() }
    if let name = try text("floatx", in: stored) {
      let types: [DataType] = [.float16, .bfloat16, .float32, .float64]
      guard let type = types.first(where: { $0.rawValue == name }) else {
        throw invalid("floatx", name, allowed: types.map(\.rawValue))
      }
      floatx = type
    }
    if let json = stored["epsilon"], !json.isNull {
      guard let value = json.number else { throw notAConfiguration() }
      guard value >= 0, value.isFinite else { throw invalid("epsilon", "\(value)", allowed: ["1e-07"]) }
      epsilon = value
    }
    if let name = try text("image_data_format", in: stored) {
      guard let format = DataFormat(rawValue: name) else {
        throw invalid("image_data_format", name, allowed: DataFormat.allCases.map(\.rawValue))
      }
      imageDataFormat = format
    }
    backend = try text("backend", in: stored)
  }
}

private func text(_ key: String, in stored: JSON) throws(KerasError) -> String? {
  guard let json = stored[key], !json.isNull else { return nil }
  guard let text = json.string else { throw notAConfiguration() }
  return text
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
