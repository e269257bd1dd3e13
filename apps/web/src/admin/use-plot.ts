import { type RefObject, useEffect, useRef } from 'react'
import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'

export const plotHeight = 200

/** Resolves a CSS custom property to a color that a canvas can draw. The value depends on the color scheme. */
export const colorOf = (element: HTMLElement, name: string): string => {
  element.style.color = `var(${name})`
  const { color } = getComputedStyle(element)
  element.style.color = ''
  return color
}

export const axisOf = (element: HTMLElement): UPlot.Axis => {
  const [stroke, line] = [colorOf(element, '--muted'), colorOf(element, '--line')]
  return { stroke, grid: { stroke: line }, ticks: { stroke: line } }
}

type PlotOptions = Omit<UPlot.Options, 'width' | 'height'>

/** Returns the options and data of a plot. Called again whenever the color scheme changes. */
export type Plot = (element: HTMLElement) => { options: PlotOptions; data: UPlot.AlignedData }

/** Draws a plot into the element of the returned ref, at the element's full width. Draws nothing if `plot` is null. */
export const usePlot = (plot: Plot | null): RefObject<HTMLDivElement | null> => {
  const container = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = container.current
    if (!element || !plot) return undefined
    const draw = (): UPlot => {
      const { options, data } = plot(element)
      return new UPlot({ ...options, width: element.clientWidth, height: plotHeight }, data, element)
    }
    let drawn = draw()
    const redraw = (): void => {
      drawn.destroy()
      drawn = draw()
    }
    const observer = new ResizeObserver(() => drawn.setSize({ width: element.clientWidth, height: plotHeight }))
    observer.observe(element)
    const scheme = matchMedia('(prefers-color-scheme: dark)')
    scheme.addEventListener('change', redraw)
    return () => {
      observer.disconnect()
      scheme.removeEventListener('change', redraw)
      drawn.destroy()
    }
  }, [plot])
  return container
}
