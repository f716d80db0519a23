import ArgumentParser
import Keras

// Choices of the library that a command line can name; the help lists them.

extension Precision: ExpressibleByArgument {}
extension Interpolation: ExpressibleByArgument {}
extension ResizingPreset: ExpressibleByArgument {}
extension FeaturePooling: ExpressibleByArgument {}
extension PreprocessingMode: ExpressibleByArgument {}
extension ColorMap: ExpressibleByArgument {}

/// What a program is prepared for, as a command line spells it.
enum Aim: String, CaseIterable, ExpressibleByArgument {
  case throughput
  case firstAnswer = "first-answer"

  var purpose: Purpose { self == .throughput ? .throughput : .firstAnswer }
}
