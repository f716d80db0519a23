import Foundation
import KerasModels

/// The folder of numbers and texts that Keras made.
let goldens = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .appending(path: "Goldens")

/// What a person reads when `body` fails; nil when it does not.
func message(_ body: () throws(KerasError) -> Void) -> String? {
  do {
    try body()
    return nil
  } catch {
    return error.description
  }
}
