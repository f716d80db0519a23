import FoundationEssentials
import Keras

/// One JSON object on one line, keys in alphabetical order.
///
/// - Throws: `invalidArgument` for what JSON cannot hold (a number that is not finite).
func jsonLine(_ value: some Encodable) throws(KerasError) -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  encoder.nonConformingFloatEncodingStrategy = .convertToString(
    positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
  do {
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  } catch {
    throw KerasError(.invalidArgument, "The result cannot be written as JSON: \(error).")
  }
}
